import type { Complaint, Path, YamlSource } from '../../../lib/schema/yaml.ts';
import { formatDuration } from '../../../lib/time/duration.ts';
import type { ParseExpr } from '../../rules/parse.ts';
import { counterOver } from '../over-window.ts';
import { checkExpr, fillWindow } from '../query.ts';
import type { IndicatorSpec, SloObjective } from './schema.ts';

/** Samples of gauges are taken this far apart. */
const STEP = '1m';
const DEFAULT_SLICE = 60_000;

const COMPARISONS = { lte: '<=', gte: '>=', lt: '<', gt: '>' } as const;

export type Method = 'Occurrences' | 'Timeslices' | 'RatioTimeslices';

/**
 * The error ratio of an objective over a window, as PromQL. A query may say `{{.window}}` where its window belongs; where it
 * does not, a counter gets a rate over the window, and a gauge is looked at once a minute.
 * @throws {Error} where a query cannot be put over a window.
 */
export function errorRatio(indicator: IndicatorSpec, objective: SloObjective, method: Method, window: string): string {
  if (method === 'Occurrences') return occurrences(indicator, objective, window);
  const slice = formatDuration(objective.timeSliceWindow ?? DEFAULT_SLICE);
  const inSlice = occurrences(indicator, objective, slice);
  if (method === 'RatioTimeslices') return `avg_over_time((${inSlice})[${window}:${slice}])`;
  const allowed = 1 - (objective.timeSliceTarget ?? 1);
  return `1 - avg_over_time(((${inSlice}) <= bool ${allowed})[${window}:${slice}])`;
}

function occurrences({ ratioMetric, thresholdMetric }: IndicatorSpec, objective: SloObjective, window: string): string {
  if (thresholdMetric !== undefined) {
    const query = thresholdMetric.metricSource.spec.query.trim();
    const isGood = `(${query}) ${COMPARISONS[objective.op ?? 'lte']} bool ${objective.value ?? 0}`;
    return `1 - avg_over_time((${isGood})[${window}:${STEP}])`;
  }
  const { raw, rawType, good, bad, total, counter } = ratioMetric ?? {};
  if (raw !== undefined) {
    const query = raw.metricSource.spec.query;
    const ratio = hasWindow(query)
      ? fillWindow(query, window).trim()
      : `avg_over_time((${query.trim()})[${window}:${STEP}])`;
    return rawType === 'success' ? `1 - (${ratio})` : `(${ratio})`;
  }
  const over = (source: typeof total) => overWindow(source?.metricSource.spec.query ?? '', window, counter ?? true);
  const share = (some: string) => `(${some})\n/\n(${over(total)})`;
  return bad === undefined ? `1 - (\n${share(over(good))}\n)` : share(over(bad));
}

function overWindow(query: string, window: string, counter: boolean): string {
  if (hasWindow(query)) return fillWindow(query, window).trim();
  return counter ? counterOver(query.trim(), window) : `sum_over_time((${query.trim()})[${window}:${STEP}])`;
}

function hasWindow(query: string): boolean {
  return query.includes('{{');
}

/** What is wrong with an indicator that stands at `path`. */
export function checkIndicator(
  source: YamlSource,
  path: Path,
  indicator: IndicatorSpec,
  objective: SloObjective,
  method: Method,
  parseExpr: ParseExpr,
): Complaint[] {
  const { ratioMetric, thresholdMetric } = indicator;
  if ((ratioMetric === undefined) === (thresholdMetric === undefined))
    return [source.complain(path, 'expected one of ratioMetric and thresholdMetric')];
  if (ratioMetric !== undefined) {
    const complaint = checkRatio(source, [...path, 'ratioMetric'], ratioMetric);
    if (complaint !== undefined) return [complaint];
  }
  try {
    return checkExpr(source, path, errorRatio(indicator, objective, method, '5m'), parseExpr);
  } catch (error) {
    return [source.complain(path, (error as Error).message)];
  }
}

function checkRatio(
  source: YamlSource,
  path: Path,
  { raw, rawType, good, bad, total }: NonNullable<IndicatorSpec['ratioMetric']>,
): Complaint | undefined {
  if (raw !== undefined) {
    if (good !== undefined || bad !== undefined || total !== undefined)
      return source.complain(path, 'expected raw alone, or total with one of good and bad');
    return rawType === undefined ? source.complain(path, 'expected rawType beside raw') : undefined;
  }
  if (total === undefined || (good === undefined) === (bad === undefined))
    return source.complain(path, 'expected total with one of good and bad');
  return undefined;
}
