import { expect, test } from 'vitest';
import { Labels } from '../../src/model/labels.ts';
import type { SeriesColumns } from '../../src/model/query.ts';
import { createEngine } from '../../src/promql/engine.ts';
import { longestTurn } from './longest-turn.ts';

const NOW = 1_790_000_000_000;
const SERIES = 50_000;

function columns(name: string, labelsOf: (i: number) => Record<string, string>, histograms = false): SeriesColumns[] {
  return Array.from({ length: SERIES }, (_, i) => ({
    labels: Labels.of({ __name__: name, job: `job${i % 10}`, instance: `i${i}`, ...labelsOf(i) }),
    timestamps: Float64Array.of(NOW - 30_000, NOW),
    values: Float64Array.of(i, (i * 7919) % 1_000_003),
    ...(histograms && { histograms: [histogramOf(i), histogramOf(i + 1)] }),
  }));
}

function histogramOf(i: number) {
  return {
    schema: 3,
    counterReset: 'unknown',
    zeroThreshold: 0.001,
    zeroCount: 1,
    count: 10 + i,
    sum: 5,
    positiveSpans: [{ offset: 0, length: 3 }],
    positiveBuckets: [1, 2, 6 + i],
    negativeSpans: [],
    negativeBuckets: [],
    customValues: [],
  } as const;
}

const STORE: Readonly<Record<string, SeriesColumns[]>> = {
  m: columns('m', () => ({})),
  n: columns('n', () => ({})),
  h: columns('h', () => ({}), true),
  buckets: columns('buckets', (i) => ({ job: 'x', instance: 'x', le: i === 0 ? '+Inf' : String(i) })),
  long: [
    {
      labels: Labels.of({ __name__: 'long' }),
      timestamps: Float64Array.from({ length: 3_000_000 }, (_, i) => NOW - 3_000_000 + i),
      values: new Float64Array(3_000_000),
    },
  ],
  target_info: columns('target_info', () => ({ version: '1' })),
};

const engine = createEngine({
  select: ({ matchers }) => Promise.resolve(STORE[matchers.find(({ name }) => name === '__name__')?.value ?? ''] ?? []),
});

/** No query may hold the event loop for longer, milliseconds of CPU; what it takes as a whole is another matter. */
const MAX_TURN = 500;

test.each(
  [
    'topk(1e9, m)',
    'bottomk(30000, m)',
    'limitk(1e9, m)',
    'limit_ratio(0.5, m)',
    'quantile(0.5, m)',
    'count_values("v", m)',
    'sort_desc(m)',
    'sort_by_label(m, "instance")',
    'm + on() group_left() sum(n)',
    'm == n',
    'm or n',
    'm + fill(0) n',
    'm + on(job) n',
    'h + h',
    'sum(h)',
    'avg(h)',
    '-h',
    'histogram_count(h)',
    'histogram_quantile(0.9, buckets)',
    'histogram_fraction(0, 1, buckets)',
    'info(m)',
    'label_replace(m, "x", "$1", "instance", "(.*)")',
    `label_replace(m, "x", "$1", "instance", "${'(.*)'.repeat(200)}")`,
    `label_replace(m, "x", "$1", "instance", "${'(.*)'.repeat(64)}")`,
    `m{instance=~"${'(.*)'.repeat(200)}"}`,
    `m{instance=~"${Array.from({ length: 50_000 }, (_, i) => `a${i}.*`).join('|')}"}`,
    'm{instance=~"((((a{1000}){1000}){1000}){1000})"}',
    'm{instance=~"(?i)(\\\\pL{500}){2}"}',
    'absent(m)',
    'max_over_time(m[5m:1s])',
    'h[5m]',
    'long[1h]',
  ].map((expr) => [expr.slice(0, 80), expr]),
)('%s over 50,000 series leaves turns to others', async (_, expr) => {
  // An error is an answer, too.
  expect(await longestTurn(() => engine.instant(expr, NOW).catch(() => undefined))).toBeLessThan(MAX_TURN);
});

test('50,000 series at 10,200 steps are refused before they are made', async () => {
  const before = process.memoryUsage.rss();
  const turn = await longestTurn(() =>
    expect(engine.range('m', NOW - 10_199_000, NOW, 1000)).rejects.toThrow(
      /too many samples into memory in query execution: 50000 series at 10200 steps/,
    ),
  );
  expect(turn).toBeLessThan(MAX_TURN);
  expect(process.memoryUsage.rss() - before).toBeLessThan(500 * 1024 ** 2);
});

test.each(['rate(m[5m])', 'm and m', 'sum_over_time(m[5m:1s])', 'last_over_time(m[5m])', 'timestamp(m)'])(
  'so is %s',
  async (expr) => {
    await expect(engine.range(expr, NOW - 10_199_000, NOW, 1000)).rejects.toThrow(/too many samples/);
  },
);

test('the samples of a long range are answered as they are', async () => {
  const result = await engine.instant('long[1h]', NOW);
  expect(result.type === 'matrix' && result.series[0].values.length).toBe(3_000_000);
});

function nested(times: number, inner: string, outer: (inner: string) => string): string {
  return times === 0 ? inner : nested(times - 1, outer(inner), outer);
}

test.each([
  ['label_replace', (inner: string) => `label_replace(${inner}, "x", "$1$1$1$1$1$1$1$1", "x", "(.*)")`],
  ['label_join', (inner: string) => `label_join(${inner}, "x", "", "x", "x", "x", "x", "x", "x", "x", "x")`],
])('%s that makes a value eight times as long, nine times over, is refused at a bound', async (_, outer) => {
  const start = 'label_replace(limitk(2000, m), "x", "$1$1$1$1", "instance", "(.*)")';
  const turn = await longestTurn(() =>
    expect(engine.instant(nested(9, start, outer), NOW)).rejects.toThrow(
      /a label value would have|makes label values of more than/,
    ),
  );
  expect(turn).toBeLessThan(MAX_TURN);
});

test('values that are short enough are bounded together', async () => {
  const long = `label_replace(m, "x", "${'y'.repeat(60_000)}", "instance", ".*")`;
  await expect(engine.instant(long, NOW)).rejects.toThrow('label values of more than 134217728 characters together');
});

test.each([
  ['parentheses', '('.repeat(100_000) + '1' + ')'.repeat(100_000)],
  ['signs', '-'.repeat(100_000) + '1'],
  ['functions', 'abs('.repeat(100_000) + 'm' + ')'.repeat(100_000)],
  ['aggregations', 'sum('.repeat(100_000) + 'm' + ')'.repeat(100_000)],
  ['sums', Array.from({ length: 100_000 }, () => '1').join('+')],
  ['powers', Array.from({ length: 100_000 }, () => '1').join('^')],
  ['subqueries', 'max_over_time('.repeat(20_000) + 'm' + '[5m:1m])'.repeat(20_000)],
  ['matchers', `m{${Array.from({ length: 100_000 }, (_, i) => `a${i}="b"`).join(',')}}`],
])('an expression of a hundred thousand %s is answered or refused', async (_, expr) => {
  const turn = await longestTurn(() =>
    engine.instant(expr, NOW).catch((error: Error) => expect(error.message).not.toContain('Maximum call stack')),
  );
  expect(turn).toBeLessThan(2 * MAX_TURN);
});
