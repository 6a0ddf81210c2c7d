import { type Incident, incidentsOf } from './alerts.ts';
import { type HistoryEvent, type LabelSet, type PagedAlert, type Rule, type RuleGroup, api } from './api.ts';

/** What is known of one alert, whether it is active or over. Times in milliseconds, 0 = not known. */
export interface AlertStory {
  readonly state: 'firing' | 'pending' | 'resolved';
  readonly fingerprint: string;
  readonly name: string;
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly value: number | string | null;
  readonly since: number;
  readonly endsAt: number;
  readonly rule: Rule | undefined;
  readonly group: RuleGroup | undefined;
  readonly page: PagedAlert | undefined;
}

const MONTH = 30 * 86_400_000;

/** Active alerts first, then what notifications said, then what the history holds. Undefined where nothing knows it. */
export async function storyOf(fingerprint: string, signal: AbortSignal): Promise<AlertStory | undefined> {
  const [groups, pages] = await Promise.all([api.rules(signal), api.alerts(signal)]);
  const incidents = incidentsOf(groups, pages);
  // Links of old named the rule.
  const active =
    incidents.find((one) => one.fingerprint === fingerprint) ?? incidents.find(({ rule }) => rule.name === fingerprint);
  if (active !== undefined) return ofIncident(active);

  const events = await api.events({ fingerprint, start: Date.now() - MONTH }, signal);
  const page = pages.find((one) => one.fingerprint === fingerprint) ?? (await sentPage(fingerprint, signal));
  if (page === undefined && events.length === 0) return undefined;
  return ofPast(fingerprint, events, page, groups);
}

async function sentPage(fingerprint: string, signal: AbortSignal): Promise<PagedAlert | undefined> {
  const sent = await api.notifications(signal);
  return sent.flatMap(({ alerts }) => alerts).find((alert) => alert.fingerprint === fingerprint);
}

function ofIncident({ alert, rule, group, page, fingerprint, since }: Incident): AlertStory {
  const { state, labels, annotations, value } = alert;
  return { state, fingerprint, name: rule.name, labels, annotations, value, since, endsAt: 0, rule, group, page };
}

function ofPast(
  fingerprint: string,
  events: readonly HistoryEvent[],
  page: PagedAlert | undefined,
  groups: readonly RuleGroup[],
): AlertStory {
  const labels = page?.labels ?? events[0].labels;
  const name = labels.alertname ?? events[0]?.alertname ?? '';
  // Events come newest first: the last end, and the last start before it.
  const ended = events.find(({ kind }) => kind === 'resolved');
  const fired = events.find(({ kind, at }) => kind === 'firing' && at <= (ended?.at ?? Infinity));
  const found = groups
    .flatMap((group) => group.rules.map((rule) => ({ group, rule })))
    .find(({ rule }) => rule.type === 'alerting' && rule.name === name);
  return {
    state: 'resolved',
    fingerprint,
    name,
    labels,
    annotations: page?.annotations ?? found?.rule.annotations ?? {},
    value: fired?.value ?? page?.value ?? null,
    since: fired?.at ?? page?.startsAt ?? 0,
    endsAt: ended?.at ?? pastEnd(page),
    rule: found?.rule,
    group: found?.group,
    page,
  };
}

/** An end in the future is only the time at which an alert that is not repeated is over. */
function pastEnd(page: PagedAlert | undefined): number {
  return page !== undefined && page.endsAt > 0 && page.endsAt <= Date.now() ? page.endsAt : 0;
}
