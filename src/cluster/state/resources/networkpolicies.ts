import { type ResourceTable, experimental } from '../family.ts';
import { items } from '../fields.ts';
import { annotations, created, labels, namespaced, value } from '../series.ts';

export const networkpolicies: ResourceTable = {
  resource: { group: 'networking.k8s.io', version: 'v1', plural: 'networkpolicies', namespaced: true },
  isDefault: true,
  identify: namespaced('networkpolicy'),
  families: [
    created('kube_networkpolicy', false, 'Unix creation timestamp of network policy'),
    annotations('kube_networkpolicy'),
    labels('kube_networkpolicy', false),
    experimental('kube_networkpolicy_spec_ingress_rules', 'Number of ingress rules on the networkpolicy', (policy) =>
      value(items(policy, 'spec.ingress').length),
    ),
    experimental('kube_networkpolicy_spec_egress_rules', 'Number of egress rules on the networkpolicy', (policy) =>
      value(items(policy, 'spec.egress').length),
    ),
  ],
};
