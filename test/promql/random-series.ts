import { Labels } from '../../src/model/labels.ts';
import type { FloatHistogram } from '../../src/model/sample.ts';
import type { MemoryValue } from '../../src/promql/promqltest/index.ts';
import type { Random } from './random.ts';

export interface RandomSeries {
  readonly labels: Labels;
  readonly samples: readonly { readonly time: number; readonly value: MemoryValue }[];
}

export const START = 1_700_000_000_000;
/** Below an hour, so that Prometheus takes the series one after the other. */
export const LENGTH = 50 * 60_000;
const STEP = 30_000;

type Values = (random: Random) => () => MemoryValue;

/** Series of every kind that PromQL tells apart, with gaps, resets, stale markers and odd numbers. */
export function randomSeries(random: Random): RandomSeries[] {
  const series: RandomSeries[] = [];
  const add = (name: string, labels: Record<string, string>, values: Values): void => {
    series.push({ labels: Labels.of({ __name__: name, ...labels }), samples: samplesOf(random, values(random)) });
  };
  for (const job of ['a', 'b']) {
    add('flag', { job }, () => () => random.int(0, 1));
    add('mixed', { job }, mixed);
    add('build_info', { job, revision: `r${random.int(1, 3)}` }, () => () => 1);
    for (const instance of ['0', '1', '2']) {
      const target = { job, instance };
      add('errors_total', target, counter);
      add('temp', target, gauge);
      add('typed_total', { ...target, __type__: random.pick(['counter', 'gauge']), __unit__: 's' }, counter);
      add('nh', target, exponential('unknown'));
      add('nhg', target, exponential('gauge'));
      add('nhcb', target, custom);
      add(
        'target_info',
        { ...target, version: `v${random.int(1, 2)}`, region: random.pick(['eu', 'us']) },
        () => () => 1,
      );
      for (const path of ['/x', '/y']) add('requests_total', { ...target, path }, counter);
      if (instance !== '2') addClassic(random, series, target);
    }
  }
  add('single', {}, gauge);
  add('dotted.metric', { 'label.x': '1' }, gauge);
  // Prometheus reads series in the order in which they came, our store by labels: sums round alike when both are the same.
  return series.sort((a, b) => Labels.compare(a.labels, b.labels));
}

function samplesOf(random: Random, next: () => MemoryValue): { time: number; value: MemoryValue }[] {
  const samples: { time: number; value: MemoryValue }[] = [];
  const jitter = random.chance(0.5) ? 0 : 2000;
  let silentUntil = 0;
  for (let time = 0; time < LENGTH; time += STEP) {
    const value = next();
    if (time < silentUntil || random.chance(0.03)) continue;
    const at = START + time + random.int(0, jitter);
    if (random.chance(0.02)) {
      samples.push({ time: at, value: 'stale' });
      silentUntil = time + random.int(1, 6) * STEP;
    } else {
      samples.push({ time: at, value });
    }
    if (random.chance(0.01)) silentUntil = time + random.int(5, 16) * STEP;
  }
  return samples;
}

function counter(random: Random): () => number {
  let total = random.int(0, 1000);
  const whole = random.chance(0.5);
  return () => {
    if (random.chance(0.04)) total = 0;
    if (random.chance(0.8)) total += whole ? random.int(0, 100) : random.next() * 10;
    return total;
  };
}

function gauge(random: Random): () => number {
  const whole = random.chance(0.5);
  let level = random.int(-50, 50);
  return () => {
    if (random.chance(0.02)) return random.pick([NaN, Infinity, -Infinity, 0, -0, 1e300, -1e-300]);
    level += whole ? random.int(-5, 5) : random.next() * 4 - 2;
    return level;
  };
}

function mixed(random: Random): () => MemoryValue {
  const floats = counter(random);
  const histograms = exponential('unknown')(random);
  let float = true;
  return () => {
    if (random.chance(0.1)) float = !float;
    return float ? floats() : histograms();
  };
}

const exponential =
  (counterReset: FloatHistogram['counterReset']): Values =>
  (random) => {
    let schema = random.int(-1, 3);
    let zeroThreshold = random.pick([0, 0.001]);
    let offset = random.int(-3, 3);
    let positive: number[] = [];
    const negatives = random.int(0, 3);
    let negative: number[] = Array.from({ length: negatives }, () => 0);
    let zeroCount = 0;
    let sum = 0;
    return () => {
      if (random.chance(0.04)) {
        [positive, negative, zeroCount, sum] = [[], negative.map(() => 0), 0, 0];
        if (random.chance(0.5)) schema = random.int(-1, 3);
        // In a chunk of gauges Prometheus' store gives to each histogram the buckets of all.
        if (counterReset !== 'gauge' && random.chance(0.3)) offset = random.int(-3, 3);
        if (random.chance(0.3)) zeroThreshold = random.pick([0, 0.001, 0.01]);
      }
      positive = grown(random, positive, 6);
      negative = negative.map((count) => count + (random.chance(0.2) ? random.int(1, 3) : 0));
      if (zeroThreshold > 0) zeroCount += random.int(0, 3);
      sum += random.int(-3, 9);
      return histogramOf(schema, counterReset, positive, negative, offset, zeroThreshold, zeroCount, sum, []);
    };
  };

function custom(random: Random): () => FloatHistogram {
  let bounds = [0.1, 1, 5, 10];
  let counts: number[] = [];
  let sum = 0;
  return () => {
    if (random.chance(0.04)) {
      [counts, sum] = [[], 0];
      if (random.chance(0.5))
        bounds = random.pick([
          [0.1, 1, 5, 10],
          [1, 10],
          [-1, 0.1, 1, 20],
        ]);
    }
    counts = grown(random, counts, bounds.length + 1);
    sum += random.int(0, 20);
    return histogramOf(-53, 'unknown', counts, [], 0, 0, 0, sum, bounds);
  };
}

/**
 * As many buckets as there ever are, empty ones too: Prometheus' store adds to a histogram the buckets that its neighbours in
 * the chunk have, which shows once counts are negative or NaN.
 */
function grown(random: Random, counts: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, i) => (counts[i] ?? 0) + (random.chance(0.4) ? random.int(0, 5) : 0));
}

function histogramOf(
  schema: number,
  counterReset: FloatHistogram['counterReset'],
  positive: readonly number[],
  negative: readonly number[],
  offset: number,
  zeroThreshold: number,
  zeroCount: number,
  sum: number,
  customValues: readonly number[],
): FloatHistogram {
  return {
    schema,
    counterReset,
    zeroThreshold,
    zeroCount,
    count: [...positive, ...negative, zeroCount].reduce((a, b) => a + b, 0),
    sum,
    positiveSpans: [{ offset, length: positive.length }],
    positiveBuckets: positive,
    negativeSpans: negative.length === 0 ? [] : [{ offset, length: negative.length }],
    negativeBuckets: negative,
    customValues,
  };
}

/** A classic histogram: its buckets are running counts, seldom a bit out of order. */
function addClassic(random: Random, series: RandomSeries[], target: Record<string, string>): void {
  const bounds = ['0.1', '1', '5', '+Inf'];
  const rows: number[][] = [];
  let counts = bounds.map(() => 0);
  const steps = LENGTH / STEP;
  for (let i = 0; i < steps; i++) {
    if (random.chance(0.03)) counts = bounds.map(() => 0);
    counts = counts.map((count) => count + random.int(0, 4));
    let running = 0;
    rows.push(counts.map((count) => (running += count) + (random.chance(0.005) ? -2 : 0)));
  }
  const column = (name: string, labels: Record<string, string>, value: (row: number[]) => number): void => {
    const samples = rows.map((row, i) => ({ time: START + i * STEP, value: value(row) }));
    series.push({ labels: Labels.of({ __name__: name, ...target, ...labels }), samples });
  };
  bounds.forEach((le, i) => column('lat_bucket', { le }, (row) => row[i]));
  column('lat_count', {}, (row) => row[3]);
  column('lat_sum', {}, (row) => row[3] * 2.5 - row[0]);
}
