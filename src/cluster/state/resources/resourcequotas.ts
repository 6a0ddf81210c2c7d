import { type ResourceTable, stable } from '../family.ts';
import { entries } from '../fields.ts';
import { preciseValue } from '../quantity.ts';
import { annotations, created, labels, namespaced } from '../series.ts';

export const resourcequotas: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'resourcequotas', namespaced: true },
  isDefault: true,
  identify: namespaced('resourcequota'),
  families: [
    created('kube_resourcequota', true),
    stable('kube_resourcequota', 'Information about resource quota.', (quota) =>
      ['hard', 'used'].flatMap((type) =>
        entries(quota, `status.${type}`).map(([resource, quantity]) => ({
          labels: { resource, type },
          value: preciseValue(quantity),
        })),
      ),
    ),
    annotations('kube_resourcequota'),
    labels('kube_resourcequota', true),
  ],
};
