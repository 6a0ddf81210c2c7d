import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/promql/index.ts';
import { createEngine, parse, print } from '../../src/promql/index.ts';
import { MemoryStore } from '../../src/promql/promqltest/index.ts';
import { Labels } from '../../src/model/labels.ts';
import { askEngine } from './ask-engine.ts';
import type { ApiAnswer } from './ask-prometheus.ts';
import { differenceOf } from './difference.ts';
import { ExprMaker } from './random-expr.ts';
import { LENGTH, START, randomSeries } from './random-series.ts';
import { Random } from './random.ts';

/** Random series, and each float series of a counter once more as `doubled_…` with twice its values. */
function engineOver(seed: number): Engine {
  const store = new MemoryStore();
  for (const { labels, samples } of randomSeries(new Random(seed))) {
    const doubled = Labels.of({ ...labels.toJSON(), __name__: `doubled_${labels.get('__name__')}` });
    for (const { time, value } of samples) {
      store.append(labels, time, value);
      if (typeof value !== 'object') store.append(doubled, time, value === 'stale' ? value : value * 2);
    }
  }
  return createEngine({ select: store.select });
}

const engines = new Map<number, Engine>();

function engineOf(seed: number): Engine {
  const engine = engines.get(seed) ?? engineOver(seed);
  engines.set(seed, engine);
  return engine;
}

const seeds = fc.integer({ min: 1, max: 20 });
const times = fc.integer({ min: 60, max: LENGTH / 1000 }).map((second) => START + second * 1000);
const counters = fc.constantFrom('requests_total', 'errors_total', 'lat_bucket', 'lat_count');
const gauges = fc.constantFrom('requests_total', 'temp{job="a"}', 'single', 'flag', 'lat_sum');
const groupings = fc.subarray(['job', 'instance', 'path', 'le']).map((labels) => labels.join(', '));

/** Both expressions have the same answer at a random time over random series. */
async function same(
  inputs: fc.Arbitrary<readonly [left: string, right: string]>,
  shift: { readonly by: number } = { by: 0 },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(seeds, times, inputs, async (seed, time, [left, right]) => {
      const engine = engineOf(seed);
      const a = await askEngine(engine, { expr: left, start: time, end: time, step: 0 });
      const b = await askEngine(engine, { expr: right, start: time - shift.by, end: time, step: 0 });
      expect(difference(left, a, b), `${left} | ${right} at ${time}, seed ${seed}`).toBeUndefined();
    }),
  );
}

/** Of series and values; times and annotations may differ. */
function difference(expr: string, a: ApiAnswer, b: ApiAnswer): string | undefined {
  const plain = (answer: ApiAnswer): ApiAnswer => ({
    ...answer,
    series: answer.series.map(({ labels, points }) => ({
      labels,
      points: points.map(([, value]) => [0, value] as const),
    })),
    warnings: [],
    infos: [],
  });
  return differenceOf(expr, plain(a), plain(b), 'any');
}

describe('over all series and times', () => {
  test('a sum is the sum of the sums of its parts', () =>
    same(
      fc
        .tuple(gauges, groupings)
        .map(([v, by]) => [`round(sum(${v} < 1e9), 1e-6)`, `round(sum(sum by (${by}) (${v} < 1e9)), 1e-6)`]),
    ));

  test('a count is the sum of the counts of its parts', () =>
    same(fc.tuple(gauges, groupings).map(([v, by]) => [`count(${v})`, `sum(count without (${by}) (${v}))`])));

  test('the extremes are those of the extremes of the parts', () =>
    same(
      fc
        .tuple(gauges, groupings, fc.constantFrom('min', 'max'))
        .map(([v, by, op]) => [`${op}(${v})`, `${op}(${op} by (${by}) (${v}))`]),
    ));

  test('an average is the sum over the count', () =>
    same(counters.map((v) => [`avg by (job) (${v})`, `sum by (job) (${v}) / count by (job) (${v})`])));

  test('an offset looks at what was there then', () =>
    same(
      gauges.map((v) => [`${v} offset 3m`, v]),
      { by: 180_000 },
    ));

  test('a rate of an offset is the rate then', () =>
    same(
      counters.map((v) => [`rate(${v}[4m] offset 2m)`, `rate(${v}[4m])`]),
      { by: 120_000 },
    ));

  test('a rate grows with its counter', () =>
    same(
      fc
        .tuple(counters, fc.constantFrom('rate', 'increase', 'irate', 'delta'))
        .map(([v, f]) => [`${f}(doubled_${v}[5m])`, `2 * ${f}(${v}[5m])`]),
    ));

  test('an increase is the rate times the range', () =>
    same(counters.map((v) => [`increase(${v}[4m])`, `rate(${v}[4m]) * 240`])));

  test('nothing is left of a vector unless itself', () =>
    same(gauges.map((v) => [`${v} unless ${v}`, 'vector(1) < 0'])));

  test('a vector and itself, or itself, is itself', async () => {
    await same(gauges.map((v) => [`${v} and ${v}`, v]));
    await same(gauges.map((v) => [`${v} or ${v}`, v]));
  });

  test('addition does not mind the order', () =>
    same(
      fc.constant([`errors_total + on (job, instance) lat_sum`, `lat_sum + on (job, instance) errors_total`] as const),
    ));

  test('two minus signs make none', () => same(gauges.map((v) => [`-(-${v})`, `${v} * 1`])));

  test('the average of gauges lies between their extremes', () =>
    same(
      gauges.map((v) => [
        `(avg(${v}) > max(${v}) * (1 + 1e-9 * sgn(max(${v})))) or (avg(${v}) < min(${v}) * (1 - 1e-9 * sgn(min(${v}))))`,
        'vector(1) < 0',
      ]),
    ));

  test('the quantiles 0 and 1 are the extremes', () =>
    same(
      counters.map((v) => [
        `quantile by (job) (1, ${v}) - quantile by (job) (0, ${v})`,
        `max by (job) (${v}) - min by (job) (${v})`,
      ]),
    ));

  test('the k largest of k are all', () => same(gauges.map((v) => [`topk(1000, ${v})`, `bottomk(1000, ${v})`])));

  test('a ratio and its rest are all', () =>
    same(
      fc
        .tuple(gauges, fc.constantFrom('0.1', '0.5', '0.7'))
        .map(([v, r]) => [`limit_ratio(${r}, ${v}) or limit_ratio(${Number(r) - 1}, ${v})`, v]),
    ));

  test('the ratio and its rest have nothing in common', () =>
    same(
      fc
        .tuple(gauges, fc.constantFrom('0.25', '0.5', '0.75'))
        .map(([v, r]) => [`limit_ratio(${r}, ${v}) and limit_ratio(${Number(r) - 1}, ${v})`, 'vector(1) < 0']),
    ));

  test('the observations of a sum of histograms are all there were', () =>
    same(
      fc
        .constantFrom('nh', 'nhg', 'nhcb')
        .map((v) => [`histogram_count(sum by (job) (${v}))`, `sum by (job) (histogram_count(${v}))`]),
    ));

  test('a subquery of one step is its expression', () =>
    same(counters.map((v) => [`sum_over_time((${v} * 2)[1s:1s])`, `${v} * 2`])));

  test('absence means that nothing is there', () =>
    same(gauges.map((v) => [`absent(${v}) and on () ${v}`, 'vector(1) < 0'])));

  test('a range query is its instants', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, times, fc.integer(), async (seed, start, choice) => {
        const expr = new ExprMaker(new Random(choice)).vector(2);
        // These depend on the range itself; sorting and the k of equal ones on the number of steps.
        fc.pre(!/(start|end|step|range)\(\)|sort|topk|bottomk|limitk/.test(expr));
        const engine = engineOf(seed);
        const [step, steps] = [37_000, 4];
        const range = await askEngine(engine, { expr, start, end: start + step * (steps - 1), step });
        fc.pre(range.error === undefined);
        for (let k = 0; k < steps; k++) {
          const time = start + k * step;
          const instant = await askEngine(engine, { expr, start: time, end: time, step: 0 });
          const inRange = range.series.flatMap(({ labels, points }) =>
            points.filter(([at]) => at === time / 1000).map((point) => ({ labels, points: [point] })),
          );
          expect(
            difference(expr, { ...range, type: 'vector', series: inRange }, instant),
            `${expr} at ${time}, seed ${seed}`,
          ).toBeUndefined();
        }
      }),
    );
  });

  test('what is printed means the same', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, times, fc.integer(), async (seed, time, choice) => {
        const expr = new ExprMaker(new Random(choice)).query();
        const engine = engineOf(seed);
        const ask = (text: string): Promise<ApiAnswer> =>
          askEngine(engine, { expr: text, start: time, end: time, step: 0 });
        let printed: string;
        try {
          printed = print(parse(expr));
        } catch {
          fc.pre(false);
          return;
        }
        const [a, b] = [await ask(expr), await ask(printed)];
        const stable = (answer: ApiAnswer): ApiAnswer => ({ ...answer, error: answer.error?.replace(/\d+:\d+/, '') });
        expect(difference(expr, stable(a), stable(b)), `${expr} | ${printed}`).toBeUndefined();
      }),
    );
  });
});
