import { formatG, formatValue } from '../../model/float-text.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import type { Bucket } from './buckets.ts';
import { allBuckets, negativeBuckets, positiveBuckets, zeroBucket } from './buckets.ts';
import { compact } from './histogram.ts';
import { isCustom } from './schema.ts';

export { formatG, formatValue };

/** As Prometheus prints it: `{count:12, sum:18.4, [-0.001,0.001]:2, (0.5,1]:4}`; empty buckets are left out. */
export function formatHistogram(h: FloatHistogram): string {
  const buckets = [
    ...negativeBuckets(h).reverse(),
    ...(h.zeroCount === 0 || isCustom(h.schema) ? [] : [zeroBucket(h)]),
    ...positiveBuckets(h),
  ];
  const parts = buckets.filter((bucket) => bucket.count !== 0).map(formatBucket);
  return `{${[`count:${formatG(h.count)}`, `sum:${formatG(h.sum)}`, ...parts].join(', ')}}`;
}

function formatBucket(bucket: Bucket): string {
  const open = bucket.lowerInclusive ? '[' : '(';
  const close = bucket.upperInclusive ? ']' : ')';
  return `${open}${formatG(bucket.lower)},${formatG(bucket.upper)}${close}:${formatG(bucket.count)}`;
}

export interface HistogramJson {
  readonly count: string;
  readonly sum: string;
  /** Boundary rule (0 open-closed, 1 closed-open, 2 open, 3 closed), lower, upper, count. Absent where all are empty. */
  readonly buckets?: readonly (readonly [rule: number, lower: string, upper: string, count: string])[];
}

/** As the HTTP API answers it. */
export function histogramToJson(h: FloatHistogram): HistogramJson {
  const buckets = allBuckets(h)
    .filter((bucket) => bucket.count !== 0)
    .map(
      (bucket) =>
        [
          boundaryRule(bucket),
          formatValue(bucket.lower),
          formatValue(bucket.upper),
          formatValue(bucket.count),
        ] as const,
    );
  const head = { count: formatValue(h.count), sum: formatValue(h.sum) };
  return buckets.length === 0 ? head : { ...head, buckets };
}

function boundaryRule({ lowerInclusive, upperInclusive }: Bucket): number {
  if (lowerInclusive) return upperInclusive ? 3 : 1;
  return upperInclusive ? 0 : 2;
}

/** In the language of series descriptions: `{{schema:1 count:3 sum:4.5 buckets:[1 2]}}`. */
export function histogramToTestExpression(h: FloatHistogram): string {
  const m = compact(h, Infinity);
  const parts: string[] = [];
  const put = (key: string, value: number): void => {
    if (value !== 0) parts.push(`${key}:${formatG(value)}`);
  };
  put('schema', m.schema);
  put('count', m.count);
  put('sum', m.sum);
  put('z_bucket', m.zeroCount);
  put('z_bucket_w', m.zeroThreshold);
  if (isCustom(m.schema)) parts.push(`custom_values:[${m.customValues.map(formatG).join(' ')}]`);
  if (m.counterReset !== 'unknown') parts.push(`counter_reset_hint:${m.counterReset}`);
  put('offset', m.positiveSpans[0]?.offset ?? 0);
  if (m.positiveBuckets.length > 0) parts.push(`buckets:[${m.positiveBuckets.map(formatG).join(' ')}]`);
  put('n_offset', m.negativeSpans[0]?.offset ?? 0);
  if (m.negativeBuckets.length > 0) parts.push(`n_buckets:[${m.negativeBuckets.map(formatG).join(' ')}]`);
  return `{{${parts.join(' ')}}}`;
}
