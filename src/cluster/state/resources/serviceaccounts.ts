import type { KubeObject } from '../../../model/kubernetes.ts';
import { type ResourceTable, type Series, experimental } from '../family.ts';
import { items, scalar, text } from '../fields.ts';
import { annotations, created, info, labels, time } from '../series.ts';

export const serviceaccounts: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'serviceaccounts', namespaced: true },
  isDefault: false,
  identify: ({ metadata }) => ({
    namespace: metadata.namespace ?? '',
    serviceaccount: metadata.name,
    uid: metadata.uid,
  }),
  families: [
    experimental('kube_serviceaccount_info', 'Information about a service account', (account) => {
      return info({ automount_token: scalar(account, 'automountServiceAccountToken') ?? '' });
    }),
    created('kube_serviceaccount', false),
    experimental('kube_serviceaccount_deleted', 'Unix deletion timestamp', time('metadata.deletionTimestamp')),
    experimental('kube_serviceaccount_secret', 'Secret being referenced by a service account', (account) =>
      names(account, 'secrets'),
    ),
    experimental(
      'kube_serviceaccount_image_pull_secret',
      'Secret being referenced by a service account for the purpose of pulling images',
      (account) => names(account, 'imagePullSecrets'),
    ),
    annotations('kube_serviceaccount'),
    labels('kube_serviceaccount', false),
  ],
};

function names(account: KubeObject, list: string): readonly Series[] {
  return items(account, list).flatMap((secret) => info({ name: text(secret, 'name') }));
}
