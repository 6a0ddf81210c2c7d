import type { TargetGroup } from '../kind.ts';
import { PREFIX, hostPort, objectLabels, sanitize } from './labels.ts';
import type { Lookup } from './lookup.ts';
import type { Node } from './objects.ts';

/** The address that is taken where a node has several. */
const ADDRESS_ORDER = ['InternalIP', 'InternalDNS', 'ExternalIP', 'ExternalDNS', 'LegacyHostIP', 'Hostname'];

/** The kubelet of a node. */
export function nodeGroup(_lookup: Lookup, source: string, { metadata, spec, status }: Node): TargetGroup {
  const addresses = new Map<string, string>();
  for (const { type, address } of status?.addresses ?? []) if (!addresses.has(type)) addresses.set(type, address);
  const kind = ADDRESS_ORDER.find((type) => addresses.has(type));
  const address = kind === undefined ? undefined : addresses.get(kind);
  if (address === undefined) return { source, targets: [], labels: {} };

  const conditions = (status?.conditions ?? []).map(({ type, status: state }) => [
    `${PREFIX}node_condition_${sanitize(type.toLowerCase())}`,
    state.toLowerCase(),
  ]);
  const byType = Array.from(addresses, ([type, value]) => [`${PREFIX}node_address_${sanitize(type)}`, value]);
  return {
    source,
    targets: [
      {
        __address__: hostPort(address, status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0),
        instance: metadata.name,
        ...(Object.fromEntries(byType) as Record<string, string>),
      },
    ],
    labels: {
      [`${PREFIX}node_provider_id`]: spec?.providerID ?? '',
      ...(Object.fromEntries(conditions) as Record<string, string>),
      ...objectLabels('node', metadata),
    },
  };
}
