import { type ResourceTable, experimental } from '../family.ts';
import { items, text } from '../fields.ts';
import { created, info, namespaced, resourceVersion } from '../series.ts';

export const validatingwebhookconfigurations: ResourceTable = {
  resource: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingwebhookconfigurations',
    namespaced: false,
  },
  isDefault: true,
  identify: namespaced('validatingwebhookconfiguration'),
  families: [
    experimental(
      'kube_validatingwebhookconfiguration_info',
      'Information about the ValidatingWebhookConfiguration.',
      () => info({}),
    ),
    created('kube_validatingwebhookconfiguration', false, 'Unix creation timestamp.'),
    experimental(
      'kube_validatingwebhookconfiguration_metadata_resource_version',
      'Resource version representing a specific version of the ValidatingWebhookConfiguration.',
      resourceVersion,
    ),
    experimental(
      'kube_validatingwebhookconfiguration_webhook_clientconfig_service',
      'Service used by the apiserver to connect to a validating webhook.',
      (configuration) =>
        items(configuration, 'webhooks').flatMap((webhook) =>
          info({
            webhook_name: text(webhook, 'name'),
            service_name: text(webhook, 'clientConfig.service.name'),
            service_namespace: text(webhook, 'clientConfig.service.namespace'),
          }),
        ),
    ),
  ],
};
