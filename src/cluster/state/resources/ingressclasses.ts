import { type ResourceTable, experimental } from '../family.ts';
import { text } from '../fields.ts';
import { annotations, clusterWide, created, info, labels } from '../series.ts';

export const ingressclasses: ResourceTable = {
  resource: { group: 'networking.k8s.io', version: 'v1', plural: 'ingressclasses', namespaced: false },
  isDefault: false,
  identify: clusterWide('ingressclass'),
  families: [
    experimental('kube_ingressclass_info', 'Information about ingressclass.', (ingressClass) =>
      info({ controller: text(ingressClass, 'spec.controller') }),
    ),
    created('kube_ingressclass', false),
    annotations('kube_ingressclass'),
    labels('kube_ingressclass', false),
  ],
};
