import { type ResourceTable, experimental, stable } from '../family.ts';
import { text } from '../fields.ts';
import { annotations, clusterWide, conditions, created, labels } from '../series.ts';

export const namespaces: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'namespaces', namespaced: false },
  isDefault: true,
  identify: clusterWide('namespace'),
  families: [
    created('kube_namespace', true),
    annotations('kube_namespace'),
    labels('kube_namespace', true),
    stable('kube_namespace_status_phase', 'kubernetes namespace status phase.', (namespace) =>
      ['Active', 'Terminating'].map((phase) => ({
        labels: { phase },
        value: phase === text(namespace, 'status.phase') ? 1 : 0,
      })),
    ),
    experimental('kube_namespace_status_condition', 'The condition of a namespace.', conditions),
  ],
};
