import type { KubeObject } from '../../../model/kubernetes.ts';
import type { Series } from '../family.ts';
import { at, items, text } from '../fields.ts';
import { info } from '../series.ts';

const STATUS_REASONS = [
  'Evicted',
  'NodeAffinity',
  'NodeLost',
  'PreemptionByScheduler',
  'SchedulingGated',
  'Shutdown',
  'TerminationByKubelet',
  'UnexpectedAdmissionError',
];

const DISRUPTION_REASONS = new Set([
  'PreemptionByScheduler',
  'DeletionByTaintManager',
  'EvictionByEvictionAPI',
  'DeletionByPodGC',
  'TerminationByKubelet',
]);

/**
 * The known reasons that the pod gives: as its own, of a condition or of a container that has ended. One of its own that is
 * not known is `Other`.
 */
export function statusReasons(pod: KubeObject): readonly Series[] {
  const own = text(pod, 'status.reason');
  const given = new Set([
    own,
    ...items(pod, 'status.conditions').map((condition) => text(condition, 'reason')),
    ...items(pod, 'status.containerStatuses').map((status) => text(at(status, 'state.terminated'), 'reason')),
  ]);
  const known = STATUS_REASONS.filter((reason) => given.has(reason));
  const isUnknown = own !== '' && !STATUS_REASONS.includes(own);
  return [...known, ...(isUnknown ? ['Other'] : [])].flatMap((reason) => info({ reason }));
}

/** Why the pod is about to be, or was, disrupted. */
export function disruptionReasons(pod: KubeObject): readonly Series[] {
  return items(pod, 'status.conditions')
    .filter(
      (condition) =>
        text(condition, 'type') === 'DisruptionTarget' &&
        text(condition, 'status') === 'True' &&
        text(condition, 'reason') !== '',
    )
    .map((condition) => text(condition, 'reason'))
    .flatMap((reason) => info({ reason: DISRUPTION_REASONS.has(reason) ? reason : 'Other' }));
}
