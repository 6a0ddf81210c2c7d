import type { KubeObject } from '../../../model/kubernetes.ts';
import { type ResourceTable, type Series, stable } from '../family.ts';
import { items, text } from '../fields.ts';
import { annotations, created, labels, value } from '../series.ts';

export const certificatesigningrequests: ResourceTable = {
  resource: {
    group: 'certificates.k8s.io',
    version: 'v1',
    plural: 'certificatesigningrequests',
    namespaced: false,
  },
  isDefault: true,
  identify: (request) => ({
    certificatesigningrequest: request.metadata.name,
    signer_name: text(request, 'spec.signerName'),
  }),
  families: [
    annotations('kube_certificatesigningrequest'),
    labels('kube_certificatesigningrequest', true),
    created('kube_certificatesigningrequest', true),
    stable(
      'kube_certificatesigningrequest_condition',
      'The number of each certificatesigningrequest condition',
      (request) => [conditionCount(request, 'Approved'), conditionCount(request, 'Denied')],
    ),
    stable('kube_certificatesigningrequest_cert_length', 'Length of the issued cert', (request) =>
      value(Buffer.from(text(request, 'status.certificate'), 'base64').length),
    ),
  ],
};

function conditionCount(request: KubeObject, type: string): Series {
  const found = items(request, 'status.conditions').filter((condition) => text(condition, 'type') === type);
  return { labels: { condition: type.toLowerCase() }, value: found.length };
}
