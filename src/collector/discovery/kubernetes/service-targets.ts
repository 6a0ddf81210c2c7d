import type { TargetGroup } from '../kind.ts';
import { PREFIX, hostPort, type MutableLabels } from './labels.ts';
import { type Lookup, attachedNamespaceLabels, serviceLabels } from './lookup.ts';
import type { Service } from './objects.ts';

/** A target for each port of a service, at its name in the cluster's DNS. */
export function serviceGroup(lookup: Lookup, source: string, service: Service): TargetGroup {
  const { metadata, spec } = service;
  const addresses = addressLabels(service);
  return {
    source,
    targets: (spec?.ports ?? []).map(({ name = '', port, protocol = '' }) => ({
      __address__: hostPort(`${metadata.name}.${metadata.namespace}.svc`, port),
      [`${PREFIX}service_port_name`]: name,
      [`${PREFIX}service_port_number`]: String(port),
      [`${PREFIX}service_port_protocol`]: protocol,
      [`${PREFIX}service_type`]: spec?.type ?? '',
      ...addresses,
    })),
    labels: { ...serviceLabels(service), ...attachedNamespaceLabels(lookup, metadata.namespace) },
  };
}

function addressLabels({ spec, status }: Service): MutableLabels {
  if (spec?.type === 'ExternalName') return { [`${PREFIX}service_external_name`]: spec.externalName ?? '' };
  const clusterIp = { [`${PREFIX}service_cluster_ip`]: spec?.clusterIP ?? '' };
  if (spec?.type !== 'LoadBalancer') return clusterIp;
  const ips = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip = '' }) => (ip === '' ? [] : [ip]));
  return {
    ...clusterIp,
    [`${PREFIX}service_loadbalancer_ip`]: ips.length > 0 ? ips.join(',') : (spec.loadBalancerIP ?? ''),
  };
}
