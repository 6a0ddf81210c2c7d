import type { Alert } from '../../model/alert.ts';

/** What a receiver was told last about a group, by alert fingerprints. */
export interface DedupEntry {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  /** Milliseconds. */
  readonly at: number;
}

/** Alertmanager's own words. */
export type Reason =
  | 'first notification'
  | 'new alerts added'
  | 'some alerts resolved'
  | 'all alerts resolved'
  | 'repeat interval elapsed';

export interface DedupQuestion {
  readonly entry: DedupEntry | undefined;
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly sendResolved: boolean;
  /** Milliseconds. */
  readonly repeatInterval: number;
  readonly now: number;
}

/** Why a group has to be told again, or undefined where nobody needs to hear (source: notify/dedup_stage.go). */
export function reasonToNotify(question: DedupQuestion): Reason | undefined {
  const { entry, firing, resolved, sendResolved, repeatInterval, now } = question;
  if (entry === undefined) return firing.length > 0 ? 'first notification' : undefined;
  if (!isSubset(firing, entry.firing)) return entry.firing.length === 0 ? 'first notification' : 'new alerts added';
  // Also where resolved alerts are not sent, so that the log forgets what was firing.
  if (firing.length === 0) return entry.firing.length > 0 ? 'all alerts resolved' : undefined;
  if (sendResolved && !isSubset(resolved, entry.resolved)) return 'some alerts resolved';
  return entry.at < now - repeatInterval ? 'repeat interval elapsed' : undefined;
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  const known = new Set(whole);
  return part.every((item) => known.has(item));
}

export function isResolved(alert: Alert, now: number): boolean {
  return alert.endsAt <= now;
}
