import { describe, expect, test } from 'vitest';
import { Labels } from '../model/labels.ts';
import type { Select, SeriesColumns } from '../model/query.ts';
import { compileMatch } from '../lib/text/match.ts';
import { markStale, wordsOf } from '../model/sample.ts';
import { createEngine } from './engine.ts';
import type { EngineOptions, QueryOptions } from './engine.ts';
import { asVectorAnswer } from './result.ts';
import type { QueryResult } from './result.ts';

const MINUTE = 60_000;

/** A value a minute from the epoch on; `undefined` leaves one out, `'stale'` ends the series. */
function series(labels: Record<string, string>, values: readonly (number | 'stale' | undefined)[]): SeriesColumns {
  const points = values.flatMap((value, i) => (value === undefined ? [] : [{ time: i * MINUTE, value }]));
  const column = Float64Array.from(points, ({ value }) => (value === 'stale' ? 0 : value));
  points.forEach(({ value }, i) => {
    if (value === 'stale') markStale(wordsOf(column), i);
  });
  return { labels: Labels.of(labels), timestamps: Float64Array.from(points, ({ time }) => time), values: column };
}

function selectFrom(all: readonly SeriesColumns[]): Select {
  return async ({ matchers, start, end }) => {
    const tests = matchers.map(({ name, op, value }) => ({ name, passes: compileMatch(op, value) }));
    return all
      .filter(({ labels }) => tests.every(({ name, passes }) => passes(labels.get(name))))
      .map(({ labels, timestamps, values }) => {
        const from = timestamps.findIndex((time) => time >= start);
        const to = timestamps.findLastIndex((time) => time <= end) + 1;
        const cut = (column: Float64Array) => (from < 0 ? column.slice(0, 0) : column.slice(from, to));
        return { labels, timestamps: cut(timestamps), values: cut(values) };
      })
      .filter(({ timestamps }) => timestamps.length > 0);
  };
}

const DATA = [
  series({ __name__: 'requests_total', job: 'api', instance: 'a' }, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]),
  series({ __name__: 'requests_total', job: 'api', instance: 'b' }, [0, 20, 40, 60, 10, 30, 50, 70, 90, 110, 130]),
  series({ __name__: 'requests_total', job: 'web', instance: 'c' }, [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]),
  series({ __name__: 'temperature', room: 'hall' }, [20, 21, NaN, 19, 18, 22, 23, 21, 20, 19, 24]),
  series({ __name__: 'temperature', room: 'attic' }, [5, 6, 7, 'stale', undefined, undefined, 9, 9, 9, 9, 10]),
  series({ __name__: 'limit', job: 'api' }, [120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120]),
  series({ __name__: 'latency_bucket', le: '0.1' }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
  series({ __name__: 'latency_bucket', le: '1' }, [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30]),
  series({ __name__: 'latency_bucket', le: '+Inf' }, [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40]),
];

function engine(options: Partial<EngineOptions> = {}) {
  return createEngine({ select: selectFrom(DATA), ...options });
}

/** A vector as text, a sample a line, in its own order. */
function lines(result: QueryResult): string[] {
  switch (result.type) {
    case 'scalar':
    case 'string':
      return [String(result.value)];
    case 'vector':
      return result.samples.map(({ labels, value }) => `${labels.toString()} ${value}`);
    case 'matrix':
      return result.series.map(
        ({ labels, timestamps, values }) =>
          `${labels.toString()} ${[...values].map((value, i) => `${value}@${timestamps[i] / MINUTE}`).join(' ')}`,
      );
  }
}

describe('an instant query at the tenth minute', () => {
  test.each([
    ['1 + 2 * 3 ^ 2', ['19']],
    ['"text"', ['text']],
    ['1 > bool 2', ['0']],
    ['-7 % 3', ['-1']],
    ['time()', ['600']],
    ['limit', ['limit{job="api"} 120']],
    ['requests_total{job="web"}', ['requests_total{instance="c", job="web"} 5']],
    ['requests_total{instance=~"a|x"} offset 5m', ['requests_total{instance="a", job="api"} 50']],
    ['requests_total{instance="a"} offset -5m', []],
    ['requests_total{instance="a"} @ 300', ['requests_total{instance="a", job="api"} 50']],
    ['-limit', ['{job="api"} -120']],
    ['limit > 100', ['limit{job="api"} 120']],
    ['limit > bool 200', ['{job="api"} 0']],
    ['100 < limit', ['limit{job="api"} 120']],
    ['sum(requests_total)', ['{} 235']],
    ['sum by (job) (requests_total)', ['{job="api"} 230', '{job="web"} 5']],
    ['sum without (instance) (requests_total)', ['{job="api"} 230', '{job="web"} 5']],
    ['avg by (job) (requests_total)', ['{job="api"} 115', '{job="web"} 5']],
    ['max(requests_total)', ['{} 130']],
    ['min(requests_total)', ['{} 5']],
    ['count(requests_total)', ['{} 3']],
    ['group by (job) (requests_total)', ['{job="api"} 1', '{job="web"} 1']],
    ['stdvar by (job) (requests_total)', ['{job="api"} 225', '{job="web"} 0']],
    ['stddev by (job) (requests_total)', ['{job="api"} 15', '{job="web"} 0']],
    ['quantile(0.5, requests_total)', ['{} 100']],
    ['topk(1, requests_total)', ['requests_total{instance="b", job="api"} 130']],
    [
      'bottomk(2, requests_total)',
      ['requests_total{instance="c", job="web"} 5', 'requests_total{instance="a", job="api"} 100'],
    ],
    ['topk(0, requests_total)', []],
    ['count_values("value", limit)', ['{value="120"} 1']],
    ['limitk(1, requests_total)', ['requests_total{instance="a", job="api"} 100']],
    ['count(limit_ratio(0.5, requests_total) or limit_ratio(-0.5, requests_total))', ['{} 3']],
    ['rate(requests_total{instance="a"}[5m])', ['{instance="a", job="api"} 0.16666666666666666']],
    ['increase(requests_total{instance="a"}[5m])', ['{instance="a", job="api"} 50']],
    ['resets(requests_total{instance="b"}[10m])', ['{instance="b", job="api"} 1']],
    ['changes(temperature{room="attic"}[3m])', ['{room="attic"} 1']],
    ['delta(temperature{room="hall"}[3m])', ['{room="hall"} 6']],
    ['idelta(temperature{room="hall"}[3m])', ['{room="hall"} 5']],
    ['irate(requests_total{instance="b"}[3m])', ['{instance="b", job="api"} 0.3333333333333333']],
    ['sum_over_time(limit[3m])', ['{job="api"} 360']],
    ['count_over_time(temperature{room="attic"}[9m])', ['{room="attic"} 6']],
    ['last_over_time(limit[3m])', ['limit{job="api"} 120']],
    ['max_over_time(temperature{room="hall"}[20m])', ['{room="hall"} 24']],
    ['quantile_over_time(0, temperature{room="hall"}[3m])', ['{room="hall"} 19']],
    ['absent(nothing{job="x", a=~"b"})', ['{job="x"} 1']],
    ['absent(limit)', []],
    ['absent_over_time(nothing{job="x"}[5m])', ['{job="x"} 1']],
    ['deriv(requests_total{instance="a"}[5m])', ['{instance="a", job="api"} 0.16666666666666666']],
    ['predict_linear(requests_total{instance="a"}[5m], 60)', ['{instance="a", job="api"} 110']],
    ['max_over_time(sum(requests_total)[5m:1m])', ['{} 235']],
    ['histogram_quantile(0.5, rate(latency_bucket[5m]))', ['{} 0.5499999999999999']],
    ['histogram_fraction(0, 1, rate(latency_bucket[5m]))', ['{} 0.75']],
    ['label_replace(limit, "j", "$1-x", "job", "(.).*")', ['limit{j="a-x", job="api"} 120']],
    ['label_join(limit, "j", "/", "job", "job")', ['limit{j="api/api", job="api"} 120']],
    ['scalar(limit) + 1', ['121']],
    ['vector(3)', ['{} 3']],
    ['clamp(limit, 0, 100)', ['{job="api"} 100']],
    ['round(limit / 7, 0.5)', ['{job="api"} 17']],
    ['hour(vector(7200))', ['{} 2']],
    ['days_in_month(vector(1709251200))', ['{} 31']],
    [
      'requests_total / on (job) group_left limit',
      ['{instance="a", job="api"} 0.8333333333333334', '{instance="b", job="api"} 1.0833333333333333'],
    ],
    ['sum by (job) (requests_total) / limit', ['{job="api"} 1.9166666666666667']],
    [
      'requests_total and on (job) limit',
      ['requests_total{instance="a", job="api"} 100', 'requests_total{instance="b", job="api"} 130'],
    ],
    ['requests_total unless on (job) limit', ['requests_total{instance="c", job="web"} 5']],
    ['limit or vector(1)', ['limit{job="api"} 120', '{} 1']],
    ['limit + on (job) fill_right(1) sum by (job) (nothing)', ['{job="api"} 121']],
    [
      'sort_desc(requests_total)',
      [
        'requests_total{instance="b", job="api"} 130',
        'requests_total{instance="a", job="api"} 100',
        'requests_total{instance="c", job="web"} 5',
      ],
    ],
    ['timestamp(limit offset 1m)', ['{job="api"} 540']],
  ])('%s', async (expr, expected) => {
    expect(lines(await engine().instant(expr, 10 * MINUTE))).toEqual(expected);
  });
});

describe('an answer for a rule', () => {
  test.each([
    ['limit', ['limit{job="api"} 120']],
    ['1 + 1', ['{} 2']],
  ])('of %s is a vector', async (expr, expected) => {
    const { samples } = asVectorAnswer(await engine().instant(expr, 10 * MINUTE));
    expect(samples.map(({ labels, value }) => `${labels.toString()} ${value}`)).toEqual(expected);
  });

  test('cannot be made of a range vector', async () => {
    const result = await engine().instant('limit[5m]', 10 * MINUTE);
    expect(() => asVectorAnswer(result)).toThrow('rule result is not a vector or scalar');
  });
});

describe('a range query', () => {
  test.each([
    ['temperature{room="attic"}', ['temperature{room="attic"} 5@0 6@1 7@2 9@6 9@7 9@8 9@9 10@10']],
    ['limit > 200', []],
    ['1', ['{} 1@0 1@1 1@2 1@3 1@4 1@5 1@6 1@7 1@8 1@9 1@10']],
    [
      'requests_total{instance="a"} @ 60 > 5',
      ['requests_total{instance="a", job="api"} ' + Array.from({ length: 11 }, (_, i) => `10@${i}`).join(' ')],
    ],
    ['absent(temperature{room="attic"})', ['{room="attic"} 1@3 1@4 1@5']],
    [
      'requests_total{instance="c"} == 5 and on () vector(time()) > 540',
      ['requests_total{instance="c", job="web"} 5@10'],
    ],
  ])('of %s gives its series step by step', async (expr, expected) => {
    expect(lines(await engine().range(expr, 0, 10 * MINUTE, MINUTE))).toEqual(expected);
  });

  test('gives series sorted by their labels', async () => {
    const result = await engine().range('requests_total or limit', 10 * MINUTE, 10 * MINUTE, MINUTE);
    expect(lines(result).map((line) => line.split(' ')[0])).toEqual([
      'limit{job="api"}',
      'requests_total{instance="a",',
      'requests_total{instance="b",',
      'requests_total{instance="c",',
    ]);
  });

  test('gives at every step what an instant query gives there', async () => {
    const expr = 'sum by (job) (rate(requests_total[3m])) / ignoring (job) group_left sum(temperature)';
    const ranged = lines(await engine().range(expr, 0, 10 * MINUTE, MINUTE)).join('\n');
    for (let minute = 0; minute <= 10; minute++) {
      const { samples } = (await engine().instant(expr, minute * MINUTE)) as Extract<QueryResult, { type: 'vector' }>;
      for (const { value } of samples) expect(ranged).toContain(` ${value}@${minute}`);
    }
  });
});

describe('an error', () => {
  test.each([
    ['requests_total + on (job) limit{', 'bad_data', 'parse error'],
    [
      'limit / on (nothing) requests_total',
      'execution',
      'found duplicate series for the match group {} on the right hand-side of the operation',
    ],
    [
      'requests_total / on (job) limit',
      'execution',
      'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    ],
    [
      'label_replace(requests_total, "instance", "", "instance", ".*")',
      'execution',
      'vector cannot contain metrics with the same labelset',
    ],
    ['label_replace(limit, "a", "", "b", "(")', 'execution', 'invalid regular expression in label_replace(): ('],
    ['topk(NaN, limit)', 'execution', 'Parameter value is NaN'],
    [
      'double_exponential_smoothing(limit[5m], 2, 0.5)',
      'execution',
      'invalid smoothing factor. Expected: 0 < sf < 1, got: 2.000000',
    ],
    [
      'last_over_time(limit[5m] anchored)',
      'execution',
      'anchored modifier can only be used with: changes, delta, increase, rate, resets - not with last_over_time',
    ],
  ])('of %s is of kind %s and says: %s', async (expr, kind, words) => {
    await expect(engine().instant(expr, 10 * MINUTE)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(words),
    });
  });

  test('of a range query names the type that it cannot give', async () => {
    await expect(engine().range('limit[5m]', 0, MINUTE, MINUTE)).rejects.toMatchObject({
      kind: 'bad_data',
      message: 'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    });
    await expect(engine().range('1', 0, MINUTE, 0)).rejects.toMatchObject({ kind: 'bad_data' });
  });

  test('of the store reaches the user with its words', async () => {
    const failing = engine({ select: () => Promise.reject(new Error('disk is on fire')) });
    await expect(failing.instant('up', 0)).rejects.toMatchObject({
      kind: 'execution',
      message: 'expanding series: disk is on fire',
    });
  });
});

describe('annotations', () => {
  const notesOf = async (expr: string, options: QueryOptions = {}) => {
    const { warnings, infos } = await engine().instant(expr, 10 * MINUTE, options);
    return [...warnings, ...infos];
  };

  test.each([
    [
      'rate(temperature[5m])',
      [
        'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "temperature" (1:6)',
      ],
    ],
    ['rate(requests_total[5m])', []],
    ['quantile(2, limit)', ['PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)']],
    [
      'limit\n  + quantile by (job) (-1, limit)',
      ['PromQL warning: quantile value should be between 0 and 1, got -1 (2:24)'],
    ],
    [
      'histogram_quantile(0.9, limit)',
      ['PromQL warning: bucket label "le" is missing or has a malformed value of "" (1:25)'],
    ],
    [
      'limit_ratio(1.5, limit)',
      ['PromQL warning: ratio value should be between -1 and 1, got 1.5, capping to 1 (1:13)'],
    ],
    [
      'rate(temperature[5m]) + rate(temperature[5m])',
      [
        'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "temperature" (1:30)',
      ],
    ],
  ])('of %s', async (expr, expected) => {
    expect(await notesOf(expr)).toEqual(expected);
  });

  test('are at most ten of a kind, the rest counted', async () => {
    const expr = Array.from({ length: 14 }, (_, i) => `quantile(${i + 2}, limit)`).join(' or ');
    const notes = await notesOf(expr);
    expect(notes).toHaveLength(11);
    expect(notes.at(-1)).toBe('4 more warning annotations omitted');
    expect(await notesOf(expr, { maxAnnotations: 0 })).toHaveLength(14);
  });
});

test('what is asked again, at other times and steps, is answered each time as the first', async () => {
  const again = engine();
  const expr = 'rate(temperature{room="hall"}[5m]) + ignoring (room, job) limit @ end()';
  for (const at of [5 * MINUTE, 9 * MINUTE, 5 * MINUTE]) {
    const once = { ...(await engine().instant(expr, at)), stats: expect.anything() };
    const overTime = { ...(await engine().range(expr, 0, at, MINUTE)), stats: expect.anything() };
    expect(await again.instant(expr, at)).toEqual(once);
    expect(await again.range(expr, 0, at, MINUTE)).toEqual(overTime);
  }
  for (let times = 0; times < 2; times++) await expect(again.instant('sum(', 0)).rejects.toThrow('parse error');
});

describe('limits', () => {
  test('more samples than allowed end the query', async () => {
    const small = engine({ limits: { maxSamples: 20 } });
    await expect(small.range('requests_total', 0, 10 * MINUTE, MINUTE)).rejects.toMatchObject({
      kind: 'execution',
      message: 'query processing would load too many samples into memory in query execution',
    });
    await expect(small.instant('requests_total', MINUTE)).resolves.toMatchObject({ type: 'vector' });
  });

  test('more series than allowed end the query', async () => {
    const small = engine({ limits: { maxSeries: 2 } });
    await expect(small.instant('requests_total', MINUTE)).rejects.toThrow(
      'query selects 3 series, more than the limit of 2',
    );
  });

  test('a store that never answers ends in a time-out', async () => {
    const stuck = engine({ select: () => new Promise(() => undefined), limits: { timeout: 20 } });
    await expect(stuck.instant('up', 0)).rejects.toMatchObject({
      kind: 'timeout',
      message: 'query timed out in expression evaluation',
    });
  });

  test('a query that waits too long for its turn ends in a time-out', async () => {
    const stuck = engine({ select: () => new Promise(() => undefined), limits: { concurrency: 1 } });
    const abort = new AbortController();
    const first = stuck.instant('up', 0, { signal: abort.signal });
    await expect(stuck.instant('up', 0, { timeout: 20 })).rejects.toMatchObject({
      message: 'query timed out in query queue',
    });
    abort.abort();
    await expect(first).rejects.toMatchObject({
      kind: 'canceled',
      message: 'query was canceled in expression evaluation',
    });
  });

  test('a long evaluation shares the thread and ends soon after an abort', async () => {
    const abort = new AbortController();
    let turns = 0;
    const count = () => {
      turns++;
      if (turns === 3) abort.abort();
      else setImmediate(count);
    };
    setImmediate(count);
    const heavy = 'max_over_time(sqrt(vector(time()))[5h:1ms])';
    await expect(engine().instant(heavy, 86_400_000, { signal: abort.signal })).rejects.toMatchObject({
      kind: 'canceled',
    });
    expect(turns).toBe(3);
  });

  test('samples are counted, by step where asked', async () => {
    const { stats } = await engine().range('rate(requests_total[2m])', 2 * MINUTE, 4 * MINUTE, MINUTE, {
      stats: 'all',
    });
    expect(stats).toMatchObject({ totalSamples: 18, perStep: { total: Float64Array.of(6, 6, 6) } });
  });
});

describe('features', () => {
  test('delayed name removal keeps names in reach of the grouping', async () => {
    const delayed = engine({ features: { 'promql-delayed-name-removal': true } });
    const rates = 'rate({__name__=~"requests_total|limit"}[5m])';
    const expr = `count by (name) (label_replace(${rates}, "name", "$1", "__name__", "(.+)"))`;
    const at = 10 * MINUTE;
    expect(lines(await delayed.instant(expr, at)).sort()).toEqual(['{name="limit"} 1', '{name="requests_total"} 3']);
    expect(lines(await engine().instant(expr, at))).toEqual(['{} 4']);
    expect(lines(await delayed.instant(rates, at))).toContain('{job="api"} 0');
  });

  test('what is switched off is no part of the language', async () => {
    const plain = engine({ features: { 'promql-experimental-functions': false } });
    await expect(plain.instant('mad_over_time(limit[5m])', 0)).rejects.toMatchObject({ kind: 'bad_data' });
  });
});
