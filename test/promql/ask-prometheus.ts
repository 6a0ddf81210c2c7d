import type { HistogramJson } from '../../src/promql/histogram/index.ts';

/** An answer in the words of the HTTP API. Both sides are brought to it. */
export interface ApiAnswer {
  readonly error?: string;
  readonly type?: string;
  readonly series: readonly ApiSeries[];
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

export interface ApiSeries {
  /** Labels in one text, '' of a scalar. */
  readonly labels: string;
  readonly points: readonly ApiPoint[];
}

export type ApiPoint = readonly [time: number, value: string | HistogramJson];

export interface Asked {
  readonly expr: string;
  readonly start: number;
  readonly end: number;
  /** 0: an instant query at `start`. */
  readonly step: number;
}

interface RawSeries {
  readonly metric: Record<string, string>;
  readonly value?: ApiPoint;
  readonly histogram?: ApiPoint;
  readonly values?: readonly ApiPoint[];
  readonly histograms?: readonly ApiPoint[];
}

interface RawAnswer {
  readonly status: string;
  readonly error?: string;
  readonly errorType?: string;
  readonly data?: { readonly resultType: string; readonly result: readonly RawSeries[] | ApiPoint };
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

export async function askPrometheus(url: string, { expr, start, end, step }: Asked): Promise<ApiAnswer> {
  const form: Record<string, string> =
    step === 0
      ? { query: expr, time: String(start / 1000) }
      : { query: expr, start: String(start / 1000), end: String(end / 1000), step: String(step / 1000) };
  const response = await fetch(`${url}/api/v1/${step === 0 ? 'query' : 'query_range'}`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const answer = (await response.json()) as RawAnswer;
  const { warnings = [], infos = [] } = answer;
  if (answer.data === undefined) return { error: `${answer.errorType}: ${answer.error}`, series: [], warnings, infos };
  const { resultType, result } = answer.data;
  if (resultType === 'scalar' || resultType === 'string') {
    return { type: resultType, series: [{ labels: '', points: [result as ApiPoint] }], warnings, infos };
  }
  return { type: resultType, series: (result as RawSeries[]).map(seriesOf), warnings, infos };
}

function seriesOf({ metric, value, histogram, values = [], histograms = [] }: RawSeries): ApiSeries {
  const points = [...values, ...histograms, ...(value ? [value] : []), ...(histogram ? [histogram] : [])];
  return {
    labels: labelText(Object.entries(metric)),
    points: points.sort(([a], [b]) => a - b),
  };
}

export function labelText(pairs: Iterable<readonly [string, string]>): string {
  return JSON.stringify([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)));
}
