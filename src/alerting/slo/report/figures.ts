import { formatDuration } from '../../../lib/time/duration.ts';
import type { Query, VectorSample } from '../../../model/query.ts';
import type { Period } from './period.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** How far apart the burn rate is read. */
const STEP = 5 * MINUTE;

/** What names an objective: the labels of Sloth's recordings, and the cluster where a store holds several. */
const NAMES = ['sloth_id', 'sloth_service', 'sloth_slo', 'cluster'] as const;
const BY = `by (${NAMES.join(', ')})`;
/** Without the NaN of times that had no events: they spend nothing. */
const BURN = '(slo:current_burn_rate:ratio >= 0)';

/** How one objective did in a period. Shares are from 0 to 1. */
export interface ObjectiveFigures {
  readonly id: string;
  readonly service: string;
  readonly slo: string;
  /** '' where the series name none. */
  readonly cluster: string;
  readonly goal: number;
  /** Share of good events, each five minutes counting alike; undefined where there was nothing to judge by. */
  readonly reached: number | undefined;
  /** Of the error budget of the whole period; over 1 where the goal was missed. */
  readonly spent: number;
  /** Of the time of the period that is over, how much has data. */
  readonly covered: number;
  /** Minutes that a page, and a ticket, was firing. */
  readonly paged: number;
  readonly ticketed: number;
  readonly days: readonly DayFigures[];
}

export interface DayFigures {
  /** `2026-11-30`, in UTC. */
  readonly day: string;
  /** Share of the period's budget that this day spent. */
  readonly spent: number;
  /** What is left of it at the end of the day; below 0 where more than all is spent. */
  readonly left: number;
}

/**
 * The figures of every objective that the store has recordings of, by service and name. Of a period that is not over, up to `now`.
 * @param query asked once a day of the period and five times more, one after the other.
 * @throws what `query` throws.
 */
export async function objectiveFigures(
  query: Query,
  period: Period,
  now: number,
  signal?: AbortSignal,
): Promise<ObjectiveFigures[]> {
  const end = Math.min(period.to, now);
  if (end <= period.from) return [];
  const ask = async (expr: string, at: number) => byObjective((await query(expr, at, signal)).samples);
  const range = formatDuration(end - period.from);
  const over = (expr: string, step: number) => `${expr}[${range}:${formatDuration(step)}]`;
  const firing = (severity: string) =>
    `count_over_time(${over(`(max ${BY} (ALERTS{alertstate="firing", sloth_severity="${severity}"}))`, MINUTE)})`;

  const goals = await ask(`max ${BY} (last_over_time(slo:objective:ratio[${range}]))`, end);
  const counts = await ask(`max ${BY} (count_over_time(${over(BURN, STEP)}))`, end);
  const burns = await ask(`avg ${BY} (avg_over_time(${over(BURN, STEP)}))`, end);
  const pages = await ask(firing('page'), end);
  const tickets = await ask(firing('ticket'), end);
  const days = await dailyBurns(ask, period, end);

  return [...goals.entries()]
    .map(([key, { labels, value: goal }]): ObjectiveFigures => {
      const name = (label: (typeof NAMES)[number]) => labels.get(label);
      const burn = burns.get(key)?.value;
      const elapsed = (end - period.from) / (period.to - period.from);
      return {
        id: name('sloth_id'),
        service: name('sloth_service'),
        slo: name('sloth_slo'),
        cluster: name('cluster'),
        goal,
        reached: burn === undefined ? undefined : 1 - burn * (1 - goal),
        spent: (burn ?? 0) * elapsed,
        covered: Math.min(1, (counts.get(key)?.value ?? 0) / ((end - period.from) / STEP)),
        paged: pages.get(key)?.value ?? 0,
        ticketed: tickets.get(key)?.value ?? 0,
        days: burnDown(days, key),
      };
    })
    .sort((a, b) => order(a).localeCompare(order(b)));
}

type Ask = (expr: string, at: number) => Promise<Map<string, VectorSample>>;

interface DailyBurns {
  readonly day: string;
  /** Of the period. */
  readonly share: number;
  readonly burns: ReadonlyMap<string, VectorSample>;
}

async function dailyBurns(ask: Ask, { from, to }: Period, end: number): Promise<DailyBurns[]> {
  const days: DailyBurns[] = [];
  for (let start = from; start < end; start += DAY) {
    const stop = Math.min(start + DAY, end);
    const range = `[${formatDuration(stop - start)}:${formatDuration(STEP)}]`;
    days.push({
      day: new Date(start).toISOString().slice(0, 10),
      share: (stop - start) / (to - from),
      burns: await ask(`avg ${BY} (avg_over_time(${BURN}${range}))`, stop),
    });
  }
  return days;
}

function burnDown(days: readonly DailyBurns[], key: string): DayFigures[] {
  let left = 1;
  return days.map(({ day, share, burns }) => {
    const spent = (burns.get(key)?.value ?? 0) * share;
    left -= spent;
    return { day, spent, left };
  });
}

function byObjective(samples: readonly VectorSample[]): Map<string, VectorSample> {
  return new Map(samples.map((sample) => [NAMES.map((name) => sample.labels.get(name)).join('\n'), sample]));
}

function order({ service, slo, cluster }: ObjectiveFigures): string {
  return [service, slo, cluster].join('\n');
}
