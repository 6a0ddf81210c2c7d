import type { RoutedAlert, RoutedGroup } from '../../model/alertmanager.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { Silence } from '../../model/silence.ts';

/** Alertmanager's `gettableAlert`. */
export function alertJson({ alert, updatedAt, receivers, muted }: RoutedAlert) {
  const { inhibitedBy, mutedBy, silencedBy } = muted;
  const suppressed = inhibitedBy.length + mutedBy.length + silencedBy.length > 0;
  return {
    annotations: alert.annotations,
    endsAt: timeJson(alert.endsAt),
    fingerprint: alert.fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: timeJson(alert.startsAt),
    status: { inhibitedBy, mutedBy, silencedBy, state: suppressed ? 'suppressed' : 'active' },
    updatedAt: timeJson(updatedAt),
    ...(alert.generatorURL === '' ? {} : { generatorURL: alert.generatorURL }),
    labels: alert.labels,
  };
}

export function groupJson({ labels, receiver, routeLabels, alerts }: RoutedGroup) {
  return { alerts: alerts.map(alertJson), labels, receiver: { name: receiver }, routeLabels };
}

/** Alertmanager's `gettableSilence`. */
export function silenceJson(silence: Silence, now: number) {
  const { id, matchers, startsAt, endsAt, updatedAt, createdBy, comment, annotations } = silence;
  return {
    id,
    status: { state: silenceState(silence, now) },
    updatedAt: timeJson(updatedAt),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    comment,
    createdBy,
    endsAt: timeJson(endsAt),
    matchers: matchers.map(matcherJson),
    startsAt: timeJson(startsAt),
  };
}

function silenceState({ startsAt, endsAt }: Silence, now: number): 'pending' | 'active' | 'expired' {
  if (now < startsAt) return 'pending';
  return now < endsAt ? 'active' : 'expired';
}

function matcherJson({ name, op, value }: Matcher) {
  return { isEqual: op === '=' || op === '=~', isRegex: op === '=~' || op === '!~', name, value };
}

function timeJson(ms: number): string {
  return new Date(ms).toISOString();
}

const RANK = { active: 0, pending: 1, expired: 2 };

/** Active ones by their end, pending ones by their start, then the expired, the last to end first. */
export function sortSilences(silences: readonly Silence[], now: number): Silence[] {
  const key = (silence: Silence): number =>
    ({ active: silence.endsAt, pending: silence.startsAt, expired: -silence.endsAt })[silenceState(silence, now)];
  const rank = (silence: Silence) => RANK[silenceState(silence, now)];
  return silences.toSorted((a, b) => rank(a) - rank(b) || key(a) - key(b));
}
