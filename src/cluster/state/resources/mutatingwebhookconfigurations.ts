import { type ResourceTable, experimental } from '../family.ts';
import { items, text } from '../fields.ts';
import { created, info, namespaced, resourceVersion } from '../series.ts';

export const mutatingwebhookconfigurations: ResourceTable = {
  resource: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'mutatingwebhookconfigurations',
    namespaced: false,
  },
  isDefault: true,
  identify: namespaced('mutatingwebhookconfiguration'),
  families: [
    experimental('kube_mutatingwebhookconfiguration_info', 'Information about the MutatingWebhookConfiguration.', () =>
      info({}),
    ),
    created('kube_mutatingwebhookconfiguration', false, 'Unix creation timestamp.'),
    experimental(
      'kube_mutatingwebhookconfiguration_metadata_resource_version',
      'Resource version representing a specific version of the MutatingWebhookConfiguration.',
      resourceVersion,
    ),
    experimental(
      'kube_mutatingwebhookconfiguration_webhook_clientconfig_service',
      'Service used by the apiserver to connect to a mutating webhook.',
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
