import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryStore, StoredHints } from '../../src/promql/promqltest/index.ts';
import type { Engine } from '../../src/promql/index.ts';
import { createEngine } from '../../src/promql/index.ts';
import { type RunningServer, describeWith } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { askEngine } from './ask-engine.ts';
import type { Asked } from './ask-prometheus.ts';
import { askPrometheus } from './ask-prometheus.ts';
import { differenceOf } from './difference.ts';
import { ExprMaker } from './random-expr.ts';
import type { RandomSeries } from './random-series.ts';
import { LENGTH, START, randomSeries } from './random-series.ts';
import { Random } from './random.ts';
import { writeSeries } from './write-series.ts';

// More cases, or the same ones again: CROWSNEST_PROMQL_CASES=20000 CROWSNEST_PROMQL_SEED=7.
const CASES = Number(process.env.CROWSNEST_PROMQL_CASES ?? 1000);
const SEED = Number(process.env.CROWSNEST_PROMQL_SEED ?? 1);

function storeOf(series: readonly RandomSeries[]): MemoryStore {
  const store = new MemoryStore();
  for (const { labels, samples } of series) {
    const hints = new StoredHints();
    for (const { time, value } of samples) store.append(labels, time, hints.next(value));
  }
  return store;
}

/** A query at one time or over several, anywhere in the data and a bit around it. */
function randomQuery(random: Random, maker: ExprMaker): Asked {
  const expr = maker.query();
  const start = START + random.int(-60, LENGTH / 1000 + 120) * 1000 + (random.chance(0.3) ? random.int(0, 999) : 0);
  if (random.chance(0.5)) return { expr, start, end: start, step: 0 };
  const step = random.pick([15_000, 30_000, 60_000, 37_000, 300_000]);
  return { expr, start, end: start + random.int(0, 12) * step + random.int(0, 999), step };
}

describeWith(['prometheus'], 'random expressions over random series', () => {
  describe.each([
    { delayed: false, types: false },
    { delayed: true, types: false },
    { delayed: true, types: true },
  ])('with delayed name removal: $delayed, type and unit labels: $types', ({ delayed, types }) => {
    const random = new Random(SEED + (delayed ? 1_000_000 : 0) + (types ? 10_000 : 0));
    const series = randomSeries(random);
    const maker = new ExprMaker(random);
    let prometheus: RunningServer;
    let engine: Engine;

    beforeAll(async () => {
      prometheus = await startPrometheus({
        without: delayed ? [] : ['promql-delayed-name-removal'],
        flags: types ? ['--enable-feature=type-and-unit-labels'] : [],
      });
      await writeSeries(prometheus.url, series);
      const { select, selectNewest } = storeOf(series);
      engine = createEngine({
        select,
        selectNewest,
        features: {
          'promql-delayed-name-removal': delayed,
          'type-and-unit-labels': types,
        },
      });
    });
    afterAll(() => prometheus.stop());

    /** What differs, undefined where nothing does. */
    async function compare(asked: Asked): Promise<string | undefined> {
      const ours = await askEngine(engine, asked);
      const order = asked.step > 0 ? 'labels' : /^sort(_desc)?\(/.test(asked.expr) ? 'values' : 'any';
      let difference: string | undefined;
      // Where Prometheus walks over a hash map, its answer is not always the same: one of three must be ours.
      for (let i = 0; i < 3; i++) {
        difference = differenceOf(asked.expr, await askPrometheus(prometheus.url, asked), ours, order);
        if (difference === undefined) return undefined;
      }
      return difference;
    }

    test(
      `${CASES} queries are answered as by Prometheus (seed ${SEED})`,
      { timeout: 60_000 + CASES * 50 },
      async () => {
        const differences: string[] = [];
        for (let i = 0; i < CASES; i++) {
          const asked = randomQuery(random, maker);
          const difference = await compare(asked);
          if (difference !== undefined) differences.push(`${JSON.stringify(asked)}\n    ${difference}`);
        }
        expect(differences.slice(0, 20).join('\n'), `${differences.length} of ${CASES} differ (Prometheus | we)`).toBe(
          '',
        );
      },
    );
  });
});
