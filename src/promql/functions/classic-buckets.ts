/** Buckets of a classic histogram at one time: cumulative counts by rising upper bound. The first `length` places hold. */
export class Buckets {
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  length = 0;

  constructor(capacity: number) {
    this.bounds = new Float64Array(capacity);
    this.counts = new Float64Array(capacity);
  }

  clear(): void {
    this.length = 0;
  }

  /** Adds a bucket whose bound is not below the last one's; buckets of the same bound are one. */
  push(bound: number, count: number): void {
    const last = this.length - 1;
    if (last >= 0 && this.bounds[last] === bound) {
      this.counts[last] += count;
      return;
    }
    this.bounds[this.length] = bound;
    this.counts[this.length++] = count;
  }

  get hasInfinity(): boolean {
    return this.length > 0 && this.bounds[this.length - 1] === Infinity;
  }
}

/** What had to be corrected so that counts rise with their bounds. */
export interface MonotonicityFix {
  minBucket: number;
  maxBucket: number;
  maxDiff: number;
}

/**
 * The value below which `q` of the observations lie, evenly spread inside each bucket. Corrects the counts in place.
 * `fix` tells of counts that fell by more than rounding can explain (source: promql/quantile.go).
 */
export function bucketQuantile(q: number, buckets: Buckets): { value: number; fix?: MonotonicityFix } {
  if (Number.isNaN(q)) return { value: NaN };
  if (q < 0) return { value: -Infinity };
  if (q > 1) return { value: Infinity };
  if (!buckets.hasInfinity) return { value: NaN };
  const fix = ensureMonotonic(buckets);
  const { bounds, counts, length } = buckets;
  if (length < 2 || counts[length - 1] === 0) return { value: NaN, fix };
  const rank = q * counts[length - 1];
  const b = firstReaching(counts, length - 1, rank);
  if (b === length - 1) return { value: bounds[length - 2], fix };
  if (b === 0 && bounds[0] <= 0) return { value: bounds[0], fix };
  const start = b > 0 ? bounds[b - 1] : 0;
  const below = b > 0 ? counts[b - 1] : 0;
  return { value: start + (bounds[b] - start) * ((rank - below) / (counts[b] - below)), fix };
}

/** First place below `end` whose count is at least `rank`, else `end`. By halves, so that NaN leads where it leads in Go. */
function firstReaching(counts: Float64Array, end: number, rank: number): number {
  let from = 0;
  let to = end;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (counts[middle] >= rank) to = middle;
    else from = middle + 1;
  }
  return from;
}

const TOLERANCE = 1e-12;
const MIN_NORMAL = 2 ** -1022;

/** Levels out what rounding may have caused, then takes back every other fall. */
function ensureMonotonic({ bounds, counts, length }: Buckets): MonotonicityFix | undefined {
  let fix: MonotonicityFix | undefined;
  let previous = counts[0];
  for (let i = 1; i < length; i++) {
    const count = counts[i];
    if (count === previous) continue;
    if (almostEqual(previous, count)) counts[i] = previous;
    else if (count < previous) {
      counts[i] = previous;
      fix ??= { minBucket: Infinity, maxBucket: -Infinity, maxDiff: 0 };
      fix.minBucket = Math.min(fix.minBucket, bounds[i]);
      fix.maxBucket = Math.max(fix.maxBucket, bounds[i]);
      fix.maxDiff = Math.max(fix.maxDiff, previous - count);
    } else previous = count;
  }
  return fix;
}

function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return difference < TOLERANCE * MIN_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE;
}

/** The part of the observations between two bounds. */
export function bucketFraction(lower: number, upper: number, buckets: Buckets): number {
  const { counts, length } = buckets;
  if (!buckets.hasInfinity) return NaN;
  const total = counts[length - 1];
  if (total === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets) - rankOf(lower, buckets)) / total;
}

/** How many observations lie below `value`. */
function rankOf(value: number, { bounds, counts, length }: Buckets): number {
  const total = counts[length - 1];
  let rank = 0;
  let start = bounds[0] <= 0 ? -Infinity : 0;
  for (let i = 0; i < length; i++) {
    if (start >= value) return Math.min(rank, total);
    if (bounds[i] > value) {
      const inside =
        start === -Infinity ? counts[i] : rank + ((counts[i] - rank) * (value - start)) / (bounds[i] - start);
      return inside > total ? total : inside;
    }
    rank = counts[i];
    start = bounds[i];
  }
  return total;
}
