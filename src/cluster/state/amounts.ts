import type { KubeObject } from '../../model/kubernetes.ts';
import type { Series } from './family.ts';
import { entries } from './fields.ts';
import { sanitize } from './label-names.ts';
import { preciseValue, wholeValue } from './quantity.ts';

type Unit = 'core' | 'byte' | 'integer';

const NAME = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const DOMAIN = String.raw`[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*`;
const QUALIFIED = new RegExp(`^${DOMAIN}/${NAME}$`);
/** Of the domain together with `requests.`, as a quota writes it. */
const DOMAIN_LENGTH = 253;

/** In what a resource is measured; undefined for those that have no series. */
function unitOf(resource: string, hasPods: boolean): Unit | undefined {
  if (resource === 'cpu') return 'core';
  if (['storage', 'ephemeral-storage', 'memory'].includes(resource)) return 'byte';
  if (resource === 'pods') return hasPods ? 'integer' : undefined;
  if (resource.startsWith('hugepages-') || resource.startsWith('attachable-volumes-')) return 'byte';
  return isExtended(resource) ? 'integer' : undefined;
}

/** Resources of a device plugin, such as `nvidia.com/gpu`: qualified by a domain that is not Kubernetes' own. */
function isExtended(resource: string): boolean {
  if (!resource.includes('/') || resource.includes('kubernetes.io/') || resource.startsWith('requests.')) return false;
  const quota = `requests.${resource}`;
  return QUALIFIED.test(quota) && quota.indexOf('/') <= DOMAIN_LENGTH;
}

/** One series a resource of a node. */
export function nodeAmounts(path: string): (object: KubeObject) => readonly Series[] {
  return (node) =>
    entries(node, path).flatMap(([resource, quantity]) => {
      const unit = unitOf(resource, true);
      return unit === undefined
        ? []
        : [{ labels: { resource: sanitize(resource), unit }, value: preciseValue(quantity) }];
    });
}

/** One series a resource that a container asks for or is limited to. */
export function containerAmounts(container: object, path: string, node: string, name: string): readonly Series[] {
  return entries(container, path).flatMap(([resource, quantity]) => {
    const unit = unitOf(resource, false);
    if (unit === undefined) return [];
    const amount = unit === 'core' ? preciseValue(quantity) : wholeValue(quantity);
    return [{ labels: { container: name, node, resource: sanitize(resource), unit }, value: amount }];
  });
}
