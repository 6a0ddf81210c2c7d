import { parseDuration } from '../lib/time/duration.ts';
import { type AskOptions, ApiClient } from './client.ts';
import { printData, seriesName } from './output.ts';

interface QueryData {
  readonly resultType: string;
  readonly result: unknown;
}

interface SeriesResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
  readonly histogram?: readonly [number, { readonly count: string; readonly sum: string }];
}

export interface QueryOptions extends AskOptions {
  readonly at?: string;
  readonly start?: string;
  readonly end?: string;
  readonly step: string;
}

export async function query(expr: string, options: QueryOptions): Promise<void> {
  const client = new ApiClient(options);
  const end = options.end ?? String(Date.now() / 1000);
  const data =
    options.start === undefined
      ? await client.data<QueryData>('/api/v1/query', { query: expr, time: options.at })
      : await client.data<QueryData>('/api/v1/query_range', {
          query: expr,
          start: startOf(options.start, end),
          end,
          step: options.step,
        });
  if (data.resultType === 'scalar' || data.resultType === 'string') {
    const [, value] = data.result as [number, string];
    return printData(options.output, data, ['VALUE'], [[value]]);
  }
  const rows = (data.result as SeriesResult[]).flatMap(({ metric, value, values, histogram }) => {
    const name = seriesName(metric);
    if (values !== undefined) return values.map(([at, sample]) => [name, new Date(at * 1000).toISOString(), sample]);
    const text = value?.[1] ?? `histogram count ${histogram?.[1].count} sum ${histogram?.[1].sum}`;
    return [options.start === undefined ? [name, text] : [name, '', text]];
  });
  if (rows.length === 0 && options.output === 'table') return console.error('the query returned no series');
  const titles = options.start === undefined ? ['SERIES', 'VALUE'] : ['SERIES', 'TIME', 'VALUE'];
  printData(options.output, data, titles, rows);
}

/** A duration before the end, or a time as it is. */
function startOf(start: string, end: string): string {
  const before = parseDuration(start);
  if (before === undefined) return start;
  const endSeconds = /^[\d.]+$/.test(end) ? Number(end) : Date.parse(end) / 1000;
  return String(endSeconds - before / 1000);
}
