import type { Alert } from '../../model/alert.ts';
import type { InhibitRule, Routing } from '../routing/routing.ts';
import type { Route } from '../routing/tree.ts';
import { Inhibitor } from './inhibit.ts';
import type { MuteStage } from './mute.ts';
import type { Silences } from './silences.ts';
import { containsTime } from './time-interval.ts';

/** An alert is muted while another one fires that inhibits it. */
export function inhibition(rules: readonly InhibitRule[], firing: readonly Alert[]): MuteStage {
  const inhibitor = new Inhibitor(rules, firing);
  return ({ labels }) => ({ inhibitedBy: inhibitor.mutes(labels) });
}

/** An alert is muted while a silence matches it. */
export function silencing(silences: Pick<Silences, 'mutes'>, now: number): MuteStage {
  return ({ labels }) => ({ silencedBy: silences.mutes(labels, now) });
}

/** Every alert of a route is muted within its mute intervals and outside of its active intervals. */
export function timeIntervals(
  { timeIntervals: known }: Pick<Routing, 'timeIntervals'>,
  route: Route,
  now: number,
): MuteStage {
  const isNow = (name: string) => (known.get(name) ?? []).some((interval) => containsTime(interval, now));
  const { muteTimeIntervals, activeTimeIntervals } = route;
  const inactive = activeTimeIntervals.some(isNow) ? [] : activeTimeIntervals;
  const muted = { mutedBy: [...inactive, ...muteTimeIntervals.filter(isNow)] };
  return () => muted;
}
