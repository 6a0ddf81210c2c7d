import { type ResourceTable, stable } from '../family.ts';
import { entries, items, text } from '../fields.ts';
import { preciseValue } from '../quantity.ts';
import { created, namespaced } from '../series.ts';

const CONSTRAINTS = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'];

export const limitranges: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'limitranges', namespaced: true },
  isDefault: true,
  identify: namespaced('limitrange'),
  families: [
    stable('kube_limitrange', 'Information about limit range.', (range) =>
      items(range, 'spec.limits').flatMap((limit) =>
        CONSTRAINTS.flatMap((constraint) =>
          entries(limit, constraint).map(([resource, quantity]) => ({
            labels: { resource, type: text(limit, 'type'), constraint },
            value: preciseValue(quantity),
          })),
        ),
      ),
    ),
    created('kube_limitrange', true),
  ],
};
