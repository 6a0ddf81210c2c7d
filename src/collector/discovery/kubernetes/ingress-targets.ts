import type { TargetGroup } from '../kind.ts';
import { PREFIX, objectLabels } from './labels.ts';
import { type Lookup, attachedNamespaceLabels } from './lookup.ts';
import type { Ingress } from './objects.ts';

/** A target for each path of each rule, for black-box probes. */
export function ingressGroup(lookup: Lookup, source: string, { metadata, spec }: Ingress): TargetGroup {
  const tlsHosts = (spec?.tls ?? []).flatMap(({ hosts = [] }) => hosts);
  return {
    source,
    targets: (spec?.rules ?? []).flatMap(({ host = '', http }) => {
      const scheme = tlsHosts.some((pattern) => matchesHost(pattern, host)) ? 'https' : 'http';
      const paths = http === undefined ? ['/'] : (http.paths ?? []).map(({ path }) => path || '/');
      return paths.map((path) => ({
        __address__: host,
        [`${PREFIX}ingress_scheme`]: scheme,
        [`${PREFIX}ingress_host`]: host,
        [`${PREFIX}ingress_path`]: path,
      }));
    }),
    labels: {
      [`${PREFIX}namespace`]: metadata.namespace ?? '',
      [`${PREFIX}ingress_class_name`]: spec?.ingressClassName ?? '',
      ...objectLabels('ingress', metadata),
      ...attachedNamespaceLabels(lookup, metadata.namespace),
    },
  };
}

/** A `*` is the whole first part of a name, and one part only. */
function matchesHost(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  const [first, ...rest] = pattern.split('.');
  const [, ...hostRest] = host.split('.');
  return first === '*' && rest.join('.') === hostRest.join('.');
}
