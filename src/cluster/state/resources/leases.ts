import { type ResourceTable, experimental } from '../family.ts';
import { at, items, text } from '../fields.ts';
import { clusterWide, info } from '../series.ts';
import { optionalUnixTime } from '../time.ts';

export const leases: ResourceTable = {
  resource: { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', namespaced: true },
  isDefault: true,
  identify: clusterWide('lease'),
  families: [
    experimental('kube_lease_owner', "Information about the Lease's owner.", (lease) => {
      const found = items(lease, 'metadata.ownerReferences');
      return (found.length === 0 ? [{}] : found).flatMap((owner) =>
        info({
          owner_kind: text(owner, 'kind'),
          owner_name: text(owner, 'name'),
          namespace: lease.metadata.namespace ?? '',
          lease_holder: text(lease, 'spec.holderIdentity'),
        }),
      );
    }),
    experimental('kube_lease_renew_time', 'Kube lease renew time.', (lease) => {
      const renewed = optionalUnixTime(at(lease, 'spec.renewTime'));
      return renewed === undefined ? [] : [{ labels: { namespace: lease.metadata.namespace ?? '' }, value: renewed }];
    }),
  ],
};
