import { type ResourceTable, experimental } from '../family.ts';
import { text, texts } from '../fields.ts';
import { created, info, namespaced } from '../series.ts';

export const validatingadmissionpolicybindings: ResourceTable = {
  resource: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingadmissionpolicybindings',
    namespaced: false,
  },
  isDefault: true,
  identify: namespaced('validatingadmissionpolicybinding'),
  families: [
    experimental(
      'kube_validatingadmissionpolicybinding_info',
      'Information about the ValidatingAdmissionPolicyBinding.',
      (binding) =>
        info({
          policy_name: text(binding, 'spec.policyName'),
          param_name: text(binding, 'spec.paramRef.name'),
          param_namespace: text(binding, 'spec.paramRef.namespace'),
          param_not_found_action: text(binding, 'spec.paramRef.parameterNotFoundAction'),
        }),
    ),
    created('kube_validatingadmissionpolicybinding', false, 'Unix creation timestamp.'),
    experimental(
      'kube_validatingadmissionpolicybinding_validation_action',
      'Validation actions for the ValidatingAdmissionPolicyBinding.',
      (binding) => texts(binding, 'spec.validationActions').flatMap((action) => info({ action })),
    ),
  ],
};
