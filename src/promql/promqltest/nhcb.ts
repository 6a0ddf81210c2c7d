import type { FloatHistogram } from '../../model/sample.ts';
import type { LoadedSeries } from './script.ts';
import type { Labels } from '../../model/labels.ts';
import { CUSTOM_SCHEMA, compact } from '../histogram/index.ts';

/** The parts of one classic histogram at one time. */
interface Parts {
  readonly buckets: Map<number, number>;
  count: number | undefined;
  sum: number;
}

interface ConvertedSeries {
  readonly labels: Labels;
  readonly samples: readonly { readonly time: number; readonly histogram: FloatHistogram }[];
}

/**
 * The classic histograms among the loaded series (`x_bucket`, `x_count`, `x_sum`) as native ones with custom bounds, named `x`.
 * @throws {Error} where buckets are no running counts.
 */
export function convertToNhcb(series: readonly LoadedSeries[], step: number): ConvertedSeries[] {
  const found = new Map<string, { labels: Labels; byTime: Map<number, Parts> }>();
  for (const { labels, values } of series) {
    const match = /^(.*)_(bucket|count|sum)$/.exec(labels.get('__name__'));
    const bound = parseBound(labels.get('le'));
    if (match === null || (match[2] === 'bucket' && Number.isNaN(bound))) continue;
    const base = labels.without('le').with('__name__', match[1]);
    const histogram = found.get(base.key) ?? { labels: base, byTime: new Map<number, Parts>() };
    found.set(base.key, histogram);
    values.forEach((value, i) => {
      if (value.kind !== 'float') return;
      const parts = histogram.byTime.get(i * step) ?? { buckets: new Map<number, number>(), count: undefined, sum: 0 };
      histogram.byTime.set(i * step, parts);
      if (match[2] === 'count') parts.count = value.value;
      else if (match[2] === 'sum') parts.sum = value.value;
      else parts.buckets.set(bound, value.value);
    });
  }
  return [...found.values()].map(({ labels, byTime }) => ({
    labels,
    samples: [...byTime].map(([time, parts]) => ({ time, histogram: convert(parts) })),
  }));
}

function parseBound(text: string): number {
  if (/^\+?inf$/i.test(text)) return Infinity;
  return text === '' ? NaN : Number(text);
}

function convert({ buckets, count, sum }: Parts): FloatHistogram {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const total = count ?? sorted.at(-1)?.[1] ?? 0;
  if (sorted.at(-1)?.[0] !== Infinity) sorted.push([Infinity, total]);
  let before = 0;
  const own = sorted.map(([bound, running]) => {
    if (running < before) throw new Error(`count is not cumulative: ${running} < ${before} at le=${bound}`);
    const inBucket = running - before;
    before = running;
    return inBucket;
  });
  if (total !== before) throw new Error(`count mismatch: count=${total} != le=+Inf count=${before}`);
  return compact({
    schema: CUSTOM_SCHEMA,
    counterReset: 'unknown',
    zeroThreshold: 0,
    zeroCount: 0,
    count: total,
    sum,
    positiveSpans: [{ offset: 0, length: own.length }],
    positiveBuckets: own,
    negativeSpans: [],
    negativeBuckets: [],
    customValues: sorted.slice(0, -1).map(([bound]) => bound),
  });
}
