import { type ResourceTable, experimental } from '../family.ts';
import { text } from '../fields.ts';
import { created, info, namespaced } from '../series.ts';

export const mutatingadmissionpolicybindings: ResourceTable = {
  resource: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'mutatingadmissionpolicybindings',
    namespaced: false,
  },
  isDefault: true,
  identify: namespaced('mutatingadmissionpolicybinding'),
  families: [
    experimental(
      'kube_mutatingadmissionpolicybinding_info',
      'Information about the MutatingAdmissionPolicyBinding.',
      (binding) =>
        info({
          policy_name: text(binding, 'spec.policyName'),
          param_name: text(binding, 'spec.paramRef.name'),
          param_namespace: text(binding, 'spec.paramRef.namespace'),
          param_not_found_action: text(binding, 'spec.paramRef.parameterNotFoundAction'),
        }),
    ),
    created('kube_mutatingadmissionpolicybinding', false, 'Unix creation timestamp.'),
  ],
};
