import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Labels } from '../model/labels.ts';
import { Relabeler, relabelSchema } from '../relabel/relabel.ts';
import { ScrapeCache } from './scrape-cache.ts';
import { NO_LIMITS } from './testing.ts';

interface Line {
  readonly series: number;
  readonly value: number;
}

const page = fc.array(fc.record({ series: fc.nat(30), value: fc.integer() }), { maxLength: 40 });
/** A run of pages, each drawn at will or the one before with other values, as most pages are; undefined: the target failed. */
const history = fc.array(fc.oneof(page, fc.constant('again' as const), fc.constant(undefined)), { maxLength: 12 });

test('whatever comes and goes, a page gives what stands on it, and what vanished goes stale once', async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.nat(4), async (pages, spacing) => {
      const cache = new ScrapeCache({
        rules: {
          targetLabels: Labels.EMPTY,
          honorLabels: false,
          // One in three is dropped.
          metricRelabel: new Relabeler([relabelSchema.parse({ source_labels: ['drop'], regex: '0', action: 'drop' })]),
          identity: Labels.EMPTY,
          ...NO_LIMITS,
        },
        honorTimestamps: false,
        trackTimestampsStaleness: false,
        sampleLimit: 0,
        report: [{ labels: Labels.of({ __name__: 'up' }) }],
      });
      let lines: readonly Line[] = [];
      let before = new Set<string>();
      for (const [round, next] of pages.entries()) {
        if (next === undefined) {
          expect(new Set(cache.abandon().map(({ labels }) => labels.toString()))).toEqual(before);
          before = new Set();
          continue;
        }
        lines = next === 'again' ? lines.map(({ series, value }) => ({ series, value: value + round })) : next;
        const wanted = new Map<string, number>();
        for (const { series, value } of lines)
          if (series % 3 !== 0 && !wanted.has(nameOf(series))) wanted.set(nameOf(series), value);
        const text = lines.map(({ series, value }) => `${textOf(series, round % (spacing + 1))} ${value}`).join('\n');
        const { vanished, kept } = await cache.read(Buffer.from(`# page ${round}\n${text}\n`), 'text', round);
        const { layout, values } = cache.batch(round, [1], []);
        const given = layout.series
          .slice(0, -1)
          .map(({ labels }, i): [string, number] => [labels.toString(), values[i]]);
        expect(given.length).toBe(kept);
        expect(new Map(given)).toEqual(wanted);
        const gone = [...before].filter((name) => !wanted.has(name));
        expect(vanished.map(({ labels }) => labels.toString()).sort()).toEqual(gone.sort());
        before = new Set(wanted.keys());
      }
    }),
    { numRuns: 500 },
  );
});

function nameOf(series: number): string {
  return `m{drop="${series % 3}", i="${series}"}`;
}

/** The same series in another hand. */
function textOf(series: number, style: number): string {
  return (
    [
      `m{drop="${series % 3}",i="${series}"}`,
      `m{i="${series}",drop="${series % 3}"}`,
      `m { i="${series}", drop="${series % 3}", }`,
      `{"m",i="${series}",drop="${series % 3}"}`,
    ][style] ?? nameOf(series)
  );
}
