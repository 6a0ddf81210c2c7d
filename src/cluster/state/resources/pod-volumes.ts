import type { KubeObject } from '../../../model/kubernetes.ts';
import type { Series } from '../family.ts';
import { at, flag, items, text } from '../fields.ts';
import { info } from '../series.ts';

interface Claim {
  readonly labels: Readonly<Record<string, string>>;
  readonly readOnly: boolean;
}

/** Volumes that are claims: named, or made for the pod under its name and the volume's. */
function claims(pod: KubeObject): readonly Claim[] {
  return items(pod, 'spec.volumes').flatMap((volume): Claim[] => {
    const name = text(volume, 'name');
    if (at(volume, 'persistentVolumeClaim') !== undefined)
      return [
        {
          labels: {
            volume: name,
            persistentvolumeclaim: text(volume, 'persistentVolumeClaim.claimName'),
            ephemeral: 'false',
          },
          readOnly: flag(volume, 'persistentVolumeClaim.readOnly'),
        },
      ];
    if (at(volume, 'ephemeral') === undefined) return [];
    const claim = `${pod.metadata.name}-${name}`;
    return [{ labels: { volume: name, persistentvolumeclaim: claim, ephemeral: 'true' }, readOnly: false }];
  });
}

export function claimInfo(pod: KubeObject): readonly Series[] {
  return claims(pod).flatMap(({ labels }) => info(labels));
}

export function claimReadOnly(pod: KubeObject): readonly Series[] {
  return claims(pod).map(({ labels, readOnly }) => ({ labels, value: readOnly ? 1 : 0 }));
}

/** Claims of devices; those made from a template have their name in the status. */
export function resourceClaims(pod: KubeObject): readonly Series[] {
  const resolved = new Map(
    items(pod, 'status.resourceClaimStatuses').map((status) => [
      text(status, 'name'),
      text(status, 'resourceClaimName'),
    ]),
  );
  return items(pod, 'spec.resourceClaims').flatMap((claim) => {
    const template = text(claim, 'resourceClaimTemplateName');
    const named = text(claim, 'resourceClaimName');
    if (template === '' && named === '') return [];
    const name = text(claim, 'name');
    return info({
      claim_name: name,
      resourceclaim_name: named === '' ? (resolved.get(name) ?? '') : named,
      resourceclaim_template_name: template,
    });
  });
}
