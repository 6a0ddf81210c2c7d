import { type ResourceTable, experimental } from '../family.ts';
import { text } from '../fields.ts';
import { created, info, namespaced } from '../series.ts';

export const mutatingadmissionpolicies: ResourceTable = {
  resource: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'mutatingadmissionpolicies',
    namespaced: false,
  },
  isDefault: true,
  identify: namespaced('mutatingadmissionpolicy'),
  families: [
    experimental('kube_mutatingadmissionpolicy_info', 'Information about the MutatingAdmissionPolicy.', (policy) =>
      info({
        param_api_version: text(policy, 'spec.paramKind.apiVersion'),
        param_kind: text(policy, 'spec.paramKind.kind'),
        failure_policy: text(policy, 'spec.failurePolicy'),
        reinvocation_policy: text(policy, 'spec.reinvocationPolicy'),
      }),
    ),
    created('kube_mutatingadmissionpolicy', false, 'Unix creation timestamp.'),
  ],
};
