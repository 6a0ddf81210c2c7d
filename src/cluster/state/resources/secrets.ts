import { type ResourceTable, experimental, stable } from '../family.ts';
import { text } from '../fields.ts';
import { annotations, created, info, labels, namespaced, owners, resourceVersion } from '../series.ts';

export const secrets: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'secrets', namespaced: true },
  isDefault: true,
  identify: namespaced('secret'),
  families: [
    stable('kube_secret_info', 'Information about secret.', () => info({})),
    stable('kube_secret_type', 'Type about secret.', (secret) => info({ type: text(secret, 'type') })),
    annotations('kube_secret'),
    labels('kube_secret', true),
    created('kube_secret', true),
    experimental(
      'kube_secret_metadata_resource_version',
      'Resource version representing a specific version of secret.',
      resourceVersion,
    ),
    experimental('kube_secret_owner', "Information about the Secret's owner.", owners),
  ],
};
