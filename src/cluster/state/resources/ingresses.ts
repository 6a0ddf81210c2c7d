import type { KubeObject } from '../../../model/kubernetes.ts';
import { type ResourceTable, type Series, experimental, stable } from '../family.ts';
import { at, items, number, text, texts } from '../fields.ts';
import { annotations, created, info, labels, namespaced, resourceVersion } from '../series.ts';

export const ingresses: ResourceTable = {
  resource: { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses', namespaced: true },
  isDefault: true,
  identify: namespaced('ingress'),
  families: [
    stable('kube_ingress_info', 'Information about ingress.', (ingress) => info({ ingressclass: classOf(ingress) })),
    annotations('kube_ingress'),
    labels('kube_ingress', true),
    created('kube_ingress', true),
    experimental(
      'kube_ingress_metadata_resource_version',
      'Resource version representing a specific version of ingress.',
      resourceVersion,
    ),
    stable('kube_ingress_path', 'Ingress host, paths and backend service information.', (ingress) =>
      items(ingress, 'spec.rules').flatMap((rule) =>
        items(rule, 'http.paths').flatMap((path) => pathOf(text(rule, 'host'), path)),
      ),
    ),
    stable('kube_ingress_tls', 'Ingress TLS host and secret information.', (ingress) =>
      items(ingress, 'spec.tls').flatMap((tls) =>
        texts(tls, 'hosts').flatMap((host) => info({ tls_host: host, secret: text(tls, 'secretName') })),
      ),
    ),
  ],
};

/** The annotation, which is older than the field, goes first. */
function classOf(ingress: KubeObject): string {
  const annotation = ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
  if (annotation !== undefined) return annotation;
  return at(ingress, 'spec.ingressClassName') === undefined ? '_default' : text(ingress, 'spec.ingressClassName');
}

function pathOf(host: string, path: object): readonly Series[] {
  const place = { host, path: text(path, 'path'), path_type: text(path, 'pathType') };
  const service = at(path, 'backend.service');
  if (service !== undefined)
    return info({
      ...place,
      service_name: text(service, 'name'),
      service_port: String(number(service, 'port.number')),
    });
  const resource = at(path, 'backend.resource');
  if (resource === undefined) return [];
  return info({
    ...place,
    resource_api_group: text(resource, 'apiGroup'),
    resource_kind: text(resource, 'kind'),
    resource_name: text(resource, 'name'),
  });
}
