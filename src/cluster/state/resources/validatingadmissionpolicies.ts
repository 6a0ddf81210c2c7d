import { type ResourceTable, experimental } from '../family.ts';
import { text } from '../fields.ts';
import { created, info, namespaced } from '../series.ts';

export const validatingadmissionpolicies: ResourceTable = {
  resource: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingadmissionpolicies',
    namespaced: false,
  },
  isDefault: true,
  identify: namespaced('validatingadmissionpolicy'),
  families: [
    experimental('kube_validatingadmissionpolicy_info', 'Information about the ValidatingAdmissionPolicy.', (policy) =>
      info({
        param_api_version: text(policy, 'spec.paramKind.apiVersion'),
        param_kind: text(policy, 'spec.paramKind.kind'),
        failure_policy: text(policy, 'spec.failurePolicy'),
      }),
    ),
    created('kube_validatingadmissionpolicy', false, 'Unix creation timestamp.'),
  ],
};
