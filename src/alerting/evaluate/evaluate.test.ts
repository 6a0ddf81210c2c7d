import { describe, expect, test, vi } from 'vitest';
import { ManualClock } from '../../lib/time/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { Labels } from '../../model/labels.ts';
import type { VectorSample } from '../../model/query.ts';
import type { SampleBatch, WriteSeries } from '../../model/sample.ts';
import { asVectorAnswer, createEngine, parse } from '../../promql/index.ts';
import { parseRuleFile } from '../rules/parse.ts';
import { SeriesStore } from '../test-rules/series-store.ts';
import { START, fakeQuery, quietLogger, sample, written } from '../testing.ts';
import { AlertInstances } from './alert-state.ts';
import { GroupRunner, type Readable } from './group.ts';
import { RESTORE_DEFAULTS, restoreFiring, restoreFromSeries, restorePending, startAfterOutage } from './restore.ts';
import { AlertEvaluator } from './rule.ts';

const MINUTE = 60_000;
const LABELS = Labels.of({ alertname: 'A' });
const GIVEN = new Map([[LABELS.key, { labels: LABELS, annotations: {}, value: 1 }]]);
const NOTHING = new Map();

/** One letter a minute: `1` the expression gives the alert, `0` it does not. Answers the states: inactive, pending, firing, `.` gone. */
function walk(given: string, timing: { for?: number; keepFiringFor?: number }): string {
  const instances = new AlertInstances();
  return Array.from(given, (letter, minute) => {
    instances.update(
      letter === '1' ? GIVEN : NOTHING,
      { for: 0, keepFiringFor: 0, ...timing },
      START + minute * MINUTE,
    );
    return instances.all()[0]?.state[0] ?? '.';
  }).join('');
}

describe('an alert', () => {
  test.each([
    ['fires at once without for', '1110', {}, 'fffi'],
    ['is pending until it has held', '11111', { for: 3 * MINUTE }, 'pppff'],
    ['that does not hold leaves no trace', '1100', { for: 3 * MINUTE }, 'pp..'],
    ['begins anew after a break', '1101111', { for: 3 * MINUTE }, 'pp.pppf'],
    ['goes on firing for as long as it is told', '110000', { keepFiringFor: 3 * MINUTE }, 'fffffi'],
    [
      'that comes back meanwhile starts that time anew',
      '11001000',
      { keepFiringFor: 2 * MINUTE },
      'ffffffff'.slice(0, 7) + 'i',
    ],
    ['that comes back after it was resolved is a new one', '10011', { for: MINUTE }, 'p..pf'],
    ['that is resolved is kept for a quarter of an hour', `1${'0'.repeat(18)}`, {}, `f${'i'.repeat(16)}..`],
  ])('%s', (_what, given, timing, states) => {
    expect(walk(given, timing)).toBe(states);
  });

  test('keeps its start while it fires, and takes the newest value and annotations', () => {
    const instances = new AlertInstances();
    for (let minute = 0; minute < 5; minute++)
      instances.update(
        new Map([[LABELS.key, { labels: LABELS, annotations: { summary: String(minute) }, value: minute }]]),
        { for: 2 * MINUTE, keepFiringFor: 0 },
        START + minute * MINUTE,
      );
    expect(instances.all()[0]).toMatchObject({
      activeAt: START,
      firedAt: START + 2 * MINUTE,
      value: 4,
      annotations: { summary: '4' },
    });
  });
});

function runner(
  rules: string,
  answers: Map<string, readonly VectorSample[] | Error>,
  batches: SampleBatch[] = [],
  group = '',
  logger = quietLogger,
): GroupRunner {
  const [parsed] = parseRuleFile(`groups:\n  - name: g\n    interval: 1m\n${group}    rules:\n${rules}`, 'rules.yml', {
    parseExpr: parse,
    interval: MINUTE,
  });
  return new GroupRunner({
    group: parsed,
    context: { query: fakeQuery(answers), externalLabels: {}, externalUrl: '' },
    write: (batch) => {
      batches.push({ ...batch, values: batch.values.slice() });
      return Promise.resolve({ accepted: 0, refused: {} });
    },
    readable: 'at_once',
    logger,
    clock: new ManualClock(START),
    onAlerts: () => undefined,
  });
}

describe('a group', () => {
  test.each([
    [
      'recordings that fall together',
      '      - {record: r, expr: a, labels: {x: y}}',
      [sample({ x: '1' }, 1), sample({ x: '2' }, 1)],
      '',
      'vector contains metrics with the same labelset after applying rule labels',
    ],
    [
      'alerts that fall together',
      '      - {alert: r, expr: a, labels: {x: y}}',
      [sample({ x: '1' }, 1), sample({ x: '2' }, 1)],
      '',
      'vector contains metrics with the same labelset after applying alert labels',
    ],
    [
      'more series than its limit',
      '      - {record: r, expr: a}',
      [sample({ x: '1' }, 1), sample({ x: '2' }, 1)],
      '    limit: 1\n',
      'exceeded limit of 1 with 2 series',
    ],
    [
      'more alerts than its limit',
      '      - {alert: r, expr: a}',
      [sample({ x: '1' }, 1), sample({ x: '2' }, 1)],
      '    limit: 1\n',
      'exceeded limit of 1 with 2 alerts',
    ],
  ])('refuses %s', async (_what, rules, answer, group, words) => {
    const batches: SampleBatch[] = [];
    const one = runner(rules, new Map([['a', answer]]), batches, group);
    await one.evaluate(START);
    expect(one.status().rules[0]).toMatchObject({ health: 'err', lastError: words, alerts: [] });
    expect(batches).toEqual([]);
  });

  test('a rule that fails does not keep the next from running', async () => {
    const batches: SampleBatch[] = [];
    const one = runner('      - {record: r, expr: bad}\n      - {record: s, expr: good}', new Map<string, VectorSample[] | Error>([['bad', new Error('no')], ['good', [sample({ __name__: 'up', a: 'b' }, 2)]]]), batches); // prettier-ignore
    await one.evaluate(START);
    expect(written(batches)).toEqual(['s{a="b"} 2 @0']);
    expect(one.status().rules.map((rule) => rule.health)).toEqual(['err', 'ok']);
  });

  test('asks and writes earlier by its offset, labels of the rule over those of the group', async () => {
    const batches: SampleBatch[] = [];
    const one = runner(
      '      - {record: r, expr: a, labels: {x: rule}}',
      new Map([['a', [sample({}, 1)]]]),
      batches,
      '    query_offset: 30s\n    labels: {x: group, y: group}\n',
    );
    await one.evaluate(START);
    expect(written(batches)).toEqual(['r{x="rule", y="group"} 1 @-30000']);
  });

  test('writes the same layout again while its series stay the same', async () => {
    const batches: SampleBatch[] = [];
    const one = runner('      - {record: r, expr: a}', new Map([['a', [sample({ x: '1' }, 1)]]]), batches);
    await one.evaluate(START);
    await one.evaluate(START + MINUTE);
    expect(batches[1].layout).toBe(batches[0].layout);
  });

  test('a template that fails stands in its place with the reason', async () => {
    const one = runner(
      "      - {alert: r, expr: a, annotations: {s: '{{ humanize $labels.x }}'}}",
      new Map([['a', [sample({ x: 'y' }, 1)]]]),
    );
    await one.evaluate(START);
    expect(one.status().rules[0].alerts[0].annotations.s).toContain(
      '<error expanding template: error executing template __alert_r: template: __alert_r:1:',
    );
  });

  test('logs a template that fails at each evaluation once, with rule, file and line, and again after it has worked', async () => {
    const lines: unknown[] = [];
    const logger = createLogger({ to: [{ write: (line) => void lines.push(JSON.parse(line)) }] });
    const answers = new Map([['a', [sample({ x: 'y' }, 1), sample({ x: 'z' }, 1)]]]);
    const rules = "      - {alert: r, expr: a, annotations: {s: '{{ humanize $labels.x }}'}}";
    const one = runner(rules, answers, [], '', logger);
    for (let minute = 0; minute < 5; minute++) await one.evaluate(START + minute * MINUTE);
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        rule: 'r',
        file: 'rules.yml:5',
        error: expect.stringContaining('__alert_r:1:'),
        msg: 'template not expanded',
      }),
    ]);
    answers.set('a', [sample({ x: '1' }, 1)]);
    await one.evaluate(START + 5 * MINUTE);
    answers.set('a', [sample({ x: 'y' }, 1)]);
    await one.evaluate(START + 6 * MINUTE);
    expect(lines).toHaveLength(2);
  });
});

/** A group of two rules, the second reading what the first wrote, on a store that is told when its commits end. */
function chain(readable: Readable) {
  const store = new SeriesStore();
  const engine = createEngine({ select: store.select });
  const commits: { readonly end: () => void; readonly fail: (error: Error) => void }[] = [];
  const commit = () => new Promise<void>((end, fail) => commits.push({ end, fail }));
  const write: Record<Readable, WriteSeries> = {
    async at_once(batch) {
      const outcome = store.write(batch);
      await commit();
      return outcome;
    },
    async once_resolved(batch) {
      await commit();
      return store.write(batch);
    },
  };
  const text =
    'groups: [{name: g, interval: 1m, rules: [{record: one, expr: vector(1)}, {record: two, expr: one + 1}, {record: three, expr: two + 1}]}]';
  const [group] = parseRuleFile(text, 'rules.yml', { parseExpr: parse, interval: MINUTE });
  const runner = new GroupRunner({
    group,
    context: {
      query: async (expr, at) => asVectorAnswer(await engine.instant(expr, at)),
      externalLabels: {},
      externalUrl: '',
    },
    write: write[readable],
    readable,
    logger: quietLogger,
    clock: new ManualClock(START),
    onAlerts: () => undefined,
  });
  const health = () => runner.status().rules.map((rule) => rule.health);
  const names = () => store.labels().map((labels) => labels.get('__name__'));
  const committing = (count: number) => vi.waitFor(() => expect(commits.length).toBe(count), { interval: 1 });
  return { runner, commits, committing, health, names };
}

describe('a rule that reads what the rule before wrote', () => {
  test('runs before that is safe, where it can be read at once', async () => {
    const { runner, commits, committing, health, names } = chain('at_once');
    const round = runner.evaluate(START);
    await committing(3);
    expect(names()).toEqual(['one', 'two', 'three']);
    expect(health()).toEqual(['unknown', 'unknown', 'unknown']);
    for (const { end } of commits) end();
    await round;
    expect(health()).toEqual(['ok', 'ok', 'ok']);
  });

  test('runs after the answer, where it can be read no sooner', async () => {
    const { runner, commits, committing, health, names } = chain('once_resolved');
    const round = runner.evaluate(START);
    for (let rule = 1; rule <= 3; rule++) {
      await committing(rule);
      expect(names()).toEqual(['one', 'two', 'three'].slice(0, rule - 1));
      commits[rule - 1].end();
    }
    await round;
    expect(names()).toEqual(['one', 'two', 'three']);
    expect(health()).toEqual(['ok', 'ok', 'ok']);
  });

  test('leaves the round unended until all is safe; a commit that fails is the failure of the rule that wrote', async () => {
    const { runner, commits, committing, health } = chain('at_once');
    let ended = false;
    const round = runner.evaluate(START).then(() => (ended = true));
    await committing(3);
    commits[0].end();
    commits[2].end();
    await vi.waitFor(() => expect(health()).toEqual(['ok', 'unknown', 'ok']), { interval: 1 });
    expect(ended).toBe(false);
    commits[1].fail(new Error('no space left on the disk'));
    await round;
    expect(health()).toEqual(['ok', 'err', 'ok']);
    expect(runner.status().rules[1].lastError).toBe('no space left on the disk');
  });
});

describe('after a restart', () => {
  const evaluator = (hold: number) =>
    new AlertEvaluator({
      kind: 'alerting',
      alert: 'A',
      expr: 'a',
      for: hold,
      keepFiringFor: 0,
      labels: { severity: 'page', team: '{{ $labels.x }}' },
      annotations: {},
      line: 1,
    });

  test.each([
    ['what had held long enough keeps its start', -60, -1, 30, -60],
    ['what has little left waits the grace period', -28, -1, 30, -20],
    ['what has much left is moved by the outage', -10, -5, 30, -5],
  ])('%s', (_what, active, down, hold, start) => {
    const at = (minutes: number) => START + minutes * MINUTE;
    expect(startAfterOutage(at(active), at(down), START, hold * MINUTE, RESTORE_DEFAULTS)).toBe(at(start));
  });

  test('what was firing keeps its times, what was pending paused while the process was away', () => {
    const saved = (state: 'firing' | 'pending') => ({
      labels: LABELS.with('state', state),
      annotations: {},
      state,
      value: 1,
      activeAt: START - 5 * MINUTE,
      firedAt: state === 'firing' ? START - 4 * MINUTE : 0,
      resolvedAt: 0,
      keepFiringSince: 0,
    });
    const one = evaluator(MINUTE);
    restoreFiring(one, [saved('firing'), saved('pending')]);
    expect(one.instances.all()).toMatchObject([{ state: 'firing', firedAt: START - 4 * MINUTE }]);
    restorePending(one, [saved('firing'), saved('pending')], START - MINUTE, START);
    expect(one.instances.all()[1]).toMatchObject({ state: 'pending', activeAt: START - 4 * MINUTE });
  });

  test('the series ALERTS_FOR_STATE gives back starts, asked for without the labels that are templates', async () => {
    const labels = { __name__: 'ALERTS_FOR_STATE', alertname: 'A', severity: 'page', team: 'x' };
    const answers = new Map([
      ['last_over_time(ALERTS_FOR_STATE{alertname="A",severity="page"}[3600s])', [sample(labels, START / 1000 - 7200)]],
      [
        'max_over_time(timestamp(ALERTS_FOR_STATE{alertname="A",severity="page"})[3600s:1m])',
        [sample(labels, START / 1000 - 60)],
      ],
    ]);
    const one = evaluator(30 * MINUTE);
    await restoreFromSeries(one, fakeQuery(answers), START, RESTORE_DEFAULTS);
    expect(one.instances.all()).toMatchObject([{ state: 'pending', activeAt: START - 120 * MINUTE }]);
    for (const expr of answers.keys()) expect(() => parse(expr)).not.toThrow();
  });
});
