import type { Alert } from '../../model/alert.ts';
import { quote } from '../../model/labels.ts';
import type { Query, VectorSample } from '../../model/query.ts';
import { formatSpan, humanValue } from './words.ts';

/** How an objective stands, from the series that Sloth's rules record. */
export interface Burn {
  /** How many times as fast as it may the budget is spent; 1 spends it exactly within the period. */
  readonly factor: number;
  /** Part of the budget that is left, 0…1; below 0 when more than all is spent. */
  readonly left: number;
  /** Days of the period. */
  readonly days: number;
}

/** By fingerprint. */
export type Burns = ReadonlyMap<string, Burn>;

const SERIES = {
  factor: 'slo:current_burn_rate:ratio',
  left: 'slo:period_error_budget_remaining:ratio',
  days: 'slo:time_period:days',
} as const;

/** A page does not wait longer than this for its figures. Milliseconds. */
const WITHIN = 3000;
/** Objectives of one page that are asked for. */
const MOST = 10;

/** The figures of those alerts that stem from an objective; without those that no one answers in time (`query` rejects when its signal aborts). Never rejects. */
export async function askBurns(alerts: readonly Alert[], query: Query, at: number): Promise<Burns> {
  const ids = [...new Set(alerts.map(({ labels }) => labels.get('sloth_id')).filter((id) => id !== ''))].slice(0, MOST);
  const answers = await Promise.all(ids.map((id) => askOne(id, query, at).catch(() => [])));
  const samples = new Map(ids.map((id, i) => [id, answers[i]]));
  const found = new Map<string, Burn>();
  for (const alert of alerts) {
    const burn = burnOf(alert, samples.get(alert.labels.get('sloth_id')) ?? []);
    if (burn !== undefined) found.set(alert.fingerprint, burn);
  }
  return found;
}

async function askOne(id: string, query: Query, at: number): Promise<readonly VectorSample[]> {
  const expr = `{__name__=~${quote(Object.values(SERIES).join('|'))},sloth_id=${quote(id)}}`;
  return (await query(expr, at, AbortSignal.timeout(WITHIN))).samples;
}

function burnOf({ labels }: Alert, samples: readonly VectorSample[]): Burn | undefined {
  // An objective per cluster has a series for each: the one that contradicts no label of the alert is the alert's.
  const valueOf = (name: string) =>
    samples.find(
      (sample) =>
        sample.labels.get('__name__') === name &&
        [...sample.labels.entries()].every(
          ([label, value]) => label.startsWith('__') || !labels.has(label) || labels.get(label) === value,
        ),
    )?.value;
  const [factor, left, days] = [valueOf(SERIES.factor), valueOf(SERIES.left), valueOf(SERIES.days)];
  if (factor === undefined || left === undefined || days === undefined) return undefined;
  return [factor, left, days].every(Number.isFinite) ? { factor, left, days } : undefined;
}

/** `Spends its error budget 14.4 times as fast as it may. 60 % of the budget of 30 days is left, gone in 1 d 6 h at this pace.` */
export function burnWords({ factor, left, days }: Burn): string {
  const pace = `Spends its error budget ${humanValue(factor)} times as fast as it may.`;
  if (left <= 0) return `${pace} The budget of ${humanValue(days)} days is used up.`;
  const budget = `${humanValue(left * 100)} % of the budget of ${humanValue(days)} days is left`;
  if (factor <= 0) return `${pace} ${budget}.`;
  return `${pace} ${budget}, gone in ${formatSpan((left * days * 86_400_000) / factor)} at this pace.`;
}
