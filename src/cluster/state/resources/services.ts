import { type ResourceTable, stable } from '../family.ts';
import { items, text, texts } from '../fields.ts';
import { annotations, created, deleted, info, labels } from '../series.ts';

export const services: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'services', namespaced: true },
  isDefault: true,
  identify: ({ metadata }) => ({ namespace: metadata.namespace ?? '', service: metadata.name, uid: metadata.uid }),
  families: [
    stable('kube_service_info', 'Information about service.', (service) =>
      info({
        cluster_ip: text(service, 'spec.clusterIP'),
        external_name: text(service, 'spec.externalName'),
        load_balancer_ip: text(service, 'spec.loadBalancerIP'),
        external_traffic_policy: text(service, 'spec.externalTrafficPolicy'),
      }),
    ),
    created('kube_service', true),
    stable('kube_service_spec_type', 'Type about service.', (service) => info({ type: text(service, 'spec.type') })),
    annotations('kube_service'),
    labels('kube_service', true),
    stable('kube_service_spec_external_ip', 'Service external ips. One series for each ip', (service) =>
      texts(service, 'spec.externalIPs').flatMap((ip) => info({ external_ip: ip })),
    ),
    stable('kube_service_status_load_balancer_ingress', 'Service load balancer ingress status', (service) =>
      items(service, 'status.loadBalancer.ingress').flatMap((ingress) =>
        info({ ip: text(ingress, 'ip'), hostname: text(ingress, 'hostname') }),
      ),
    ),
    deleted('kube_service'),
  ],
};
