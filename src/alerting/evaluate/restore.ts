import { Labels, isLegacyLabelName, quote } from '../../model/labels.ts';
import type { Query } from '../../model/query.ts';
import type { Instance } from './alert-state.ts';
import type { AlertEvaluator } from './rule.ts';

export interface RestoreOptions {
  /** A longer absence starts alerts anew. Milliseconds. */
  readonly outageTolerance: number;
  /** A pending alert waits at least this much after a restart. Milliseconds. */
  readonly gracePeriod: number;
}

export const RESTORE_DEFAULTS: RestoreOptions = { outageTolerance: 3_600_000, gracePeriod: 600_000 };

/** Puts back what was firing, or resolved not long ago, with the same times. Evaluation then says whether it still is. */
export function restoreFiring(evaluator: AlertEvaluator, saved: readonly Instance[]): void {
  for (const instance of saved) if (instance.state !== 'pending') evaluator.instances.restore({ ...instance });
}

/** Puts back what was pending, as if it had paused meanwhile, for nobody saw whether the condition held. */
export function restorePending(
  evaluator: AlertEvaluator,
  saved: readonly Instance[],
  savedAt: number,
  at: number,
): void {
  const away = Math.max(0, at - savedAt);
  for (const instance of saved)
    if (instance.state === 'pending') evaluator.instances.restore({ ...instance, activeAt: instance.activeAt + away });
}

/**
 * As Prometheus does at its start: reads `ALERTS_FOR_STATE`, which says since when an alert was active, and works out how
 * much of its `for` is left. For alerts of which the state file knew nothing.
 */
export async function restoreFromSeries(
  evaluator: AlertEvaluator,
  query: Query,
  at: number,
  options: RestoreOptions,
): Promise<void> {
  const { rule } = evaluator;
  // A wait this short starts anew, as in Prometheus: the grace period alone would be longer.
  if (rule.for < options.gracePeriod) return;
  const selector = selectorOf({ alertname: rule.alert, ...rule.labels });
  const window = `${Math.ceil(options.outageTolerance / 1000)}s`;
  const since = await query(`last_over_time(ALERTS_FOR_STATE${selector}[${window}])`, at);
  const seen = await query(`max_over_time(timestamp(ALERTS_FOR_STATE${selector})[${window}:1m])`, at);
  const seenAt = new Map(seen.samples.map((sample) => [sample.labels.without('__name__').key, sample.value * 1000]));
  const known = new Set(evaluator.instances.all().map(({ labels }) => labels.key));
  for (const sample of since.samples) {
    const labels = sample.labels.without('__name__');
    if (known.has(labels.key)) continue;
    const activeAt = startAfterOutage(sample.value * 1000, seenAt.get(labels.key) ?? at, at, rule.for, options);
    evaluator.instances.restore({
      labels, annotations: {}, state: 'pending', value: NaN, activeAt, firedAt: 0, resolvedAt: 0, keepFiringSince: 0,
    }); // prettier-ignore
  }
}

/** The start that an alert gets after an outage, so that it fires no earlier than it may (source: rules/group.go, RestoreForState). */
export function startAfterOutage(
  activeAt: number,
  downAt: number,
  now: number,
  hold: number,
  options: RestoreOptions,
): number {
  const left = hold - (downAt - activeAt);
  if (left <= 0) return activeAt;
  if (left < options.gracePeriod) return now + options.gracePeriod - hold;
  return activeAt + (now - downAt);
}

/** Labels that are templates have another value in each instance and cannot be asked for. */
function selectorOf(labels: Readonly<Record<string, string>>): string {
  const fixed = [...Labels.of(labels).entries()].filter(([, value]) => !value.includes('{{'));
  return `{${fixed.map(([name, value]) => `${isLegacyLabelName(name) ? name : quote(name)}=${quote(value)}`).join(',')}}`;
}
