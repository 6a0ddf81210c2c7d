import { formatDuration } from '../../lib/time/duration.ts';
import { createLogger } from '../../lib/logger.ts';
import { Labels, quote } from '../../model/labels.ts';
import type { Query, VectorAnswer } from '../../model/query.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import type { RuleGroup } from '../../model/rule.ts';
import { type Engine, type Expr, createEngine, parse } from '../../promql/index.ts';
import { formatHistogram, validateHistogram } from '../../promql/histogram/index.ts';
import { type SeriesDescription, parseSeriesDescription } from '../../promql/promqltest/index.ts';
import { GroupRunner } from '../evaluate/group.ts';
import { formatFloat } from '../template/numbers.ts';
import { formatGoDuration } from '../template/time.ts';
import { compareAlerts, compareSamples, printLabels } from './compare.ts';
import type { CoverageLog } from './coverage.ts';
import type { AlertTest, TestFile, TestGroup } from './schema.ts';
import { SeriesStore } from './series-store.ts';
import type { Failure, TestOptions } from './types.ts';

/** Runs one test group: its series and the rules from its start to the last time that is asked for, then its questions. */
export async function runGroup(
  test: TestGroup,
  name: string,
  file: TestFile,
  groups: readonly RuleGroup[],
  coverage: CoverageLog,
  options: TestOptions,
): Promise<Failure[]> {
  const { debug } = options;
  const began = performance.now();
  debug?.(`DEBUG: Starting test ${name}`);
  const nameless = test.alert_rule_test.find((one) => one.alertname === '');
  if (nameless !== undefined) {
    const where = test.name === '' ? '' : ` (in TestGroup ${test.name})`;
    return [
      {
        message: `an item under alert_rule_test misses required attribute alertname at eval_time ${formatDuration(nameless.eval_time)}${where}`,
      },
    ];
  }
  let failures: Failure[];
  try {
    failures = await new Run(test, file, groups, coverage, options).run();
  } catch (error) {
    failures = [{ message: (error as Error).message }];
  }
  debug?.(`DEBUG: Test ${name} finished, took ${Math.round(performance.now() - began)}ms`);
  return failures;
}

interface InputSeries extends SeriesDescription {
  next: number;
}

/** As promtool, which hands them to PromQL's test language as lines: of two with the same labels the later one counts. */
function inputSeries(test: TestGroup): InputSeries[] {
  const byLabels = new Map<string, InputSeries>();
  for (const { series, values } of test.input_series) {
    for (const line of `${series} ${values}`.split('\n').map((text) => text.trim())) {
      if (line === '' || line.startsWith('#')) continue;
      byLabels.set(...parsedSeries(line));
    }
  }
  return [...byLabels.values()];
}

/** The series under its key. */
function parsedSeries(line: string): [key: string, series: InputSeries] {
  try {
    const { labels, values } = parseSeriesDescription(line);
    if (labels.size === 0 && values.length > 0) throw new Error('empty labelset: invalid sample');
    const problem = values
      .map((value) => value.kind === 'histogram' && validateHistogram(value.histogram))
      .find(Boolean);
    if (typeof problem === 'string') throw new Error(problem);
    return [labels.key, { labels, values, next: 0 }];
  } catch (error) {
    throw new Error(`input series ${quote(line)}: ${(error as Error).message}`, { cause: error });
  }
}

const silent = createLogger({ quiet: true });

class Run {
  readonly #test: TestGroup;
  readonly #file: TestFile;
  readonly #coverage: CoverageLog;
  readonly #debug: ((text: string) => void) | undefined;
  readonly #store = new SeriesStore();
  readonly #engine: Engine;
  readonly #runners: readonly GroupRunner[];
  readonly #series: readonly InputSeries[];
  readonly #start: number;
  readonly #exprs = new Map<string, Expr>();
  readonly #failures: Failure[] = [];

  constructor(
    test: TestGroup,
    file: TestFile,
    groups: readonly RuleGroup[],
    coverage: CoverageLog,
    { debug, delayedNameRemoval = false }: TestOptions,
  ) {
    this.#test = test;
    this.#file = file;
    this.#coverage = coverage;
    this.#debug = debug;
    this.#start = test.start_timestamp;
    this.#engine = createEngine({
      select: this.#store.select,
      subqueryStep: file.evaluation_interval,
      features: { 'promql-delayed-name-removal': delayedNameRemoval },
    });
    this.#series = inputSeries(test);
    this.#runners = groups.map((group) => new GroupRunner({
      group,
      context: { query: this.#query, externalLabels: test.external_labels, externalUrl: test.external_url },
      write: this.#store.write,
      readable: 'at_once',
      logger: silent,
      onAlerts: () => undefined,
    })); // prettier-ignore
  }

  async run(): Promise<Failure[]> {
    const asked = [...this.#test.alert_rule_test].sort((a, b) => a.eval_time - b.eval_time);
    const end = this.#lastTime();
    for (let at = 0; at <= end; at += this.#file.evaluation_interval) {
      if (!(await this.#evaluate(this.#start + at))) return this.#failures;
      // What is asked for between two evaluations is answered by the first of them.
      while (asked.length > 0 && asked[0].eval_time < at + this.#file.evaluation_interval)
        this.#checkAlerts(asked.shift() as AlertTest);
    }
    for (const one of this.#test.promql_expr_test) await this.#checkExpr(one);
    this.#coverage.recorded(this.#store.labels());
    if (this.#debug !== undefined) await this.#dump(this.#debug, end);
    return this.#failures;
  }

  #lastTime(): number {
    return Math.max(
      0,
      ...this.#test.alert_rule_test.map((one) => one.eval_time),
      ...this.#test.promql_expr_test.map((one) => one.eval_time),
    );
  }

  readonly #query: Query = async (expr, at): Promise<VectorAnswer> => {
    const { warnings, infos, ...value } = await this.#engine.instant(this.#parsed(expr), at);
    if (value.type === 'vector') return { samples: value.samples, warnings, infos };
    if (value.type !== 'scalar') throw new Error('rule result is not a vector or scalar');
    return { samples: [{ labels: Labels.EMPTY, timestamp: at, value: value.value }], warnings, infos };
  };

  /** A rule is asked the same at every step. */
  #parsed(expr: string): Expr {
    const known = this.#exprs.get(expr) ?? parse(expr);
    this.#exprs.set(expr, known);
    return known;
  }

  /** Only what is past is in the store, so that no rule sees the future. */
  #loadUntil(time: number): void {
    const interval = this.#test.interval || this.#file.evaluation_interval;
    for (const series of this.#series) {
      for (; series.next < series.values.length && this.#start + series.next * interval <= time; series.next++) {
        const value = series.values[series.next];
        if (value.kind === 'omitted') continue;
        const content = value.kind === 'stale' ? 'stale' : value.kind === 'float' ? value.value : value.histogram;
        this.#store.append(series.labels, this.#start + series.next * interval, content);
      }
    }
  }

  /** Whether every rule could be evaluated. */
  async #evaluate(at: number): Promise<boolean> {
    this.#loadUntil(at);
    const before = this.#failures.length;
    for (const runner of this.#runners) {
      await runner.evaluate(at);
      for (const { rule, lastError } of runner.status().rules) {
        const ruleName = rule.kind === 'alerting' ? rule.alert : rule.record;
        if (lastError !== '')
          this.#failures.push({
            message: `    rule: ${ruleName}, time: ${formatGoDuration(BigInt(at) * 1_000_000n)}, err: ${lastError}`,
          });
      }
      for (const evaluator of runner.evaluators())
        if (evaluator.state() === 'firing') this.#coverage.fired(evaluator.rule);
    }
    return this.#failures.length === before;
  }

  #checkAlerts(expected: AlertTest): void {
    const evaluators = this.#runners
      .flatMap((runner) => runner.evaluators())
      .filter(({ rule }) => rule.alert === expected.alertname);
    const firing = evaluators
      .flatMap((evaluator) => evaluator.activeAlerts())
      .filter((alert) => alert.state === 'firing');
    const failure = compareAlerts(expected, firing, this.#test.name);
    if (failure !== undefined) this.#failures.push(failure);
  }

  async #checkExpr(expected: TestGroup['promql_expr_test'][number]): Promise<void> {
    const head = `    expr: ${JSON.stringify(expected.expr)}, time: ${formatDuration(expected.eval_time)},`;
    try {
      const { samples } = await this.#query(expected.expr, this.#start + expected.eval_time);
      const failure = compareSamples(expected, samples, this.#file.fuzzy_compare, head);
      if (failure !== undefined) this.#failures.push(failure);
    } catch (error) {
      this.#failures.push({ message: `${head} err: ${(error as Error).message}` });
    }
  }

  async #dump(debug: (text: string) => void, end: number): Promise<void> {
    const until = Math.floor(end / 1000 + 1) * 1000;
    debug(`DEBUG: Dump of all data (input_series and rules) at ${formatDuration(until)}:`);
    const series = await this.#store.select({ matchers: [], start: this.#start, end: this.#start + until });
    for (const { labels, timestamps, values, histograms } of series) {
      const words = wordsOf(values);
      const points = Array.from(timestamps, (time, i) => {
        const histogram = histograms?.[i];
        const value = histogram === undefined ? formatFloat(values[i], 'f') : formatHistogram(histogram);
        return isStale(words, i) ? [] : [`${value} @[${time}]`];
      });
      debug(`${printLabels(labels)} =>\n${points.flat().join('\n')}`);
    }
  }
}
