import type { Alert } from '../../model/alert.ts';
import type { RuleGroup } from '../../model/rule.ts';
import { type EnrichInput, type FieldDefaults, enrich } from './enrich.ts';
import type { AlertEvaluator } from './rule.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { queryEscape } from '../template/builtins.ts';

/** As in Prometheus: a firing alert that is not heard of for four of these, or four intervals of its rule, is over. Milliseconds. */
const RESEND = 60_000;

/** What a rule has to say at a time: its alerts that fire or fired not long ago, enriched. */
export function alertsOf(
  { interval }: RuleGroup,
  { rule, instances }: AlertEvaluator,
  at: number,
  hasPlaybook: EnrichInput['hasPlaybook'],
  defaults: FieldDefaults,
): Alert[] {
  const fired = instances.all().filter(({ firedAt, state }) => firedAt > 0 && state !== 'pending');
  return fired.map(({ labels, annotations, firedAt, resolvedAt, state, value }) => ({
    labels,
    annotations,
    startsAt: firedAt,
    endsAt: state === 'firing' ? at + 4 * Math.max(interval, RESEND) : resolvedAt,
    generatorURL: `${defaults.externalUrl}/graph?g0.expr=${queryEscape(rule.expr)}&g0.tab=1`,
    fingerprint: fingerprintOf(labels),
    value,
    ...enrich({ alertname: rule.alert, labels, annotations, ruleLabels: rule.labels, hasPlaybook }, defaults),
  }));
}
