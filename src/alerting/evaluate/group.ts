import type { Logger } from '../../lib/logger.ts';
import { LogOnce } from '../../lib/logger.ts';
import { type Clock, systemClock } from '../../lib/time/clock.ts';
import { Ticker } from '../../lib/time/ticker.ts';
import type { Rule, RuleGroup, RuleGroupStatus, RuleStatus } from '../../model/rule.ts';
import type { WriteSeries } from '../../model/sample.ts';
import {
  groupDuration,
  groupLastEvaluation,
  iterationsMissed,
  ruleEvaluations,
  ruleFailures,
  ruleSamplesRefused,
  templateFailures,
} from '../metrics.ts';
import type { Change } from './alert-state.ts';
import { AlertEvaluator, type Moment, RecordingEvaluator, type RuleContext } from './rule.ts';
import { type RuleOutput, RuleSeries } from './series.ts';
import { stateKeys } from './state-key.ts';

/**
 * When the next rule can read what a rule gave to `write`: before the call returns its promise, or once that has resolved.
 * With `at_once` a round writes without waiting, and waits in the end until all of it is safe.
 */
export type Readable = 'at_once' | 'once_resolved';

export interface GroupOptions {
  readonly group: RuleGroup;
  readonly context: Omit<RuleContext, 'onTemplateError'>;
  readonly write: WriteSeries;
  readonly readable: Readable;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Once before the first evaluation: puts back what was known before a restart. */
  readonly restore?: (evaluator: AlertEvaluator, at: number) => Promise<void>;
  /** After each evaluation of an alerting rule, with what changed. */
  readonly onAlerts: (evaluator: AlertEvaluator, changes: readonly Change[], at: number) => Promise<void> | void;
  /** After each round that ended. */
  readonly onRound?: (at: number) => void;
}

interface RuleRun {
  readonly rule: Rule;
  readonly evaluator: RecordingEvaluator | AlertEvaluator;
  readonly series: RuleSeries;
  health: RuleStatus['health'];
  lastError: string;
  lastEvaluation: number;
  evaluationTime: number;
}

/** Evaluates the rules of one group in order, each at the same time, at aligned ticks of the group's interval. */
export class GroupRunner {
  readonly group: RuleGroup;
  readonly #options: GroupOptions;
  readonly #clock: Clock;
  readonly #ticker: Ticker;
  readonly #abort = new AbortController();
  readonly #once = new LogOnce();
  readonly #context: RuleContext;
  readonly #runs: RuleRun[];
  /** Rules of which a template failed in this round. */
  readonly #templatesFailing = new Set<Rule>();
  readonly #label: { rule_group: string };
  #restored = false;
  #lastEvaluation = 0;
  #evaluationTime = 0;

  constructor(options: GroupOptions) {
    this.group = options.group;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#label = { rule_group: `${options.group.file};${options.group.name}` };
    this.#runs = runsOf(options.group, options.write);
    this.#context = { ...options.context, onTemplateError: (message, rule) => this.#templateFailed(message, rule) };
    this.#ticker = new Ticker(
      {
        interval: options.group.interval,
        offset: offsetOf(options.group),
        clock: this.#clock,
        onMissed: (count) => iterationsMissed.inc(this.#label, count),
      },
      (at) => this.evaluate(at),
    );
  }

  start(): void {
    this.#ticker.start();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#ticker.stop();
  }

  /** Whether the alerts are as they were before the restart, as far as that is known. */
  get restored(): boolean {
    return this.#restored;
  }

  /** Whether a round has ended. */
  get hasRun(): boolean {
    return this.#lastEvaluation > 0;
  }

  evaluators(): AlertEvaluator[] {
    return this.#runs.flatMap((run) => alertsOf(run) ?? []);
  }

  /** One round at `at`; resolves when what it wrote is safe. Never rejects: a rule that fails fails alone. */
  async evaluate(at: number): Promise<void> {
    const begun = this.#clock.now();
    if (!this.#restored) await this.#restore(at);
    const writes: Promise<void>[] = [];
    for (const run of this.#runs) {
      if (this.#abort.signal.aborted) break;
      const ruleBegun = this.#clock.now();
      const output = await this.#outputOf(run, at);
      if (output !== undefined) writes.push(this.#write(run, output, at));
      if (this.#options.readable === 'once_resolved') await writes.at(-1);
      run.lastEvaluation = at;
      run.evaluationTime = (this.#clock.now() - ruleBegun) / 1000;
    }
    if (!this.#abort.signal.aborted) this.#noteRound(at, begun);
    await Promise.all(writes);
  }

  /** Takes over alerts and written series from the runner that this one replaces after a reload. Returns what rules that are gone leave. */
  takeOver(from: GroupRunner): LeftRule[] {
    this.#restored = from.#restored;
    const left = [...from.#runs];
    for (const run of this.#runs) {
      const i = left.findIndex((other) => sameRule(run.rule, other.rule));
      if (i < 0) continue;
      const [other] = left.splice(i, 1);
      run.series.takeOver(other.series);
      for (const instance of alertsOf(other)?.instances.all() ?? []) alertsOf(run)?.instances.restore(instance);
    }
    return left.map(leftRule);
  }

  /** What the rules leave when the group as a whole is gone. */
  leave(): LeftRule[] {
    return this.#runs.map(leftRule);
  }

  status(): RuleGroupStatus {
    return {
      group: this.group,
      lastEvaluation: this.#lastEvaluation,
      evaluationTime: this.#evaluationTime,
      rules: this.#runs.map((run) => ({
        rule: run.rule,
        health: run.health,
        lastError: run.lastError,
        lastEvaluation: run.lastEvaluation,
        evaluationTime: run.evaluationTime,
        state: alertsOf(run)?.state() ?? 'inactive',
        alerts: alertsOf(run)?.activeAlerts() ?? [],
      })),
    };
  }

  async #restore(at: number): Promise<void> {
    for (const evaluator of this.evaluators()) {
      try {
        await this.#options.restore?.(evaluator, at);
      } catch (error) {
        this.#options.logger.warn(
          { alert: evaluator.rule.alert, error: (error as Error).message },
          'alert state not restored',
        );
      }
    }
    this.#restored = true;
  }

  #noteRound(at: number, begun: number): void {
    this.#lastEvaluation = at;
    this.#evaluationTime = (this.#clock.now() - begun) / 1000;
    groupDuration.observe(this.#evaluationTime);
    groupLastEvaluation.set(this.#label, at / 1000);
    this.#options.onRound?.(at);
  }

  /** What the rule gives to the store; undefined where it could not be evaluated. */
  async #outputOf(run: RuleRun, at: number): Promise<RuleOutput | undefined> {
    const { evaluator } = run;
    const { onAlerts } = this.#options;
    const moment: Moment = { at, queryOffset: this.group.queryOffset, limit: this.group.limit };
    const { signal } = this.#abort;
    ruleEvaluations.inc(this.#label);
    try {
      if (evaluator instanceof RecordingEvaluator) return await evaluator.evaluate(this.#context, moment, signal);
      this.#templatesFailing.delete(run.rule);
      const { output, changes } = await evaluator.evaluate(this.#context, moment, signal);
      if (!this.#templatesFailing.has(run.rule)) this.#once.clear(templateKey(run.rule));
      await onAlerts(evaluator, changes, at);
      return output;
    } catch (error) {
      this.#failed(run, error);
      // What cannot be evaluated says nothing about its alerts: they stand as they are.
      if (evaluator instanceof AlertEvaluator && !signal.aborted) await onAlerts(evaluator, [], at);
      return undefined;
    }
  }

  /** Resolves when the output is safe, or refused and the rule's health says so. */
  async #write(run: RuleRun, output: RuleOutput, at: number): Promise<void> {
    try {
      const outcome = await run.series.write(output, at - this.group.queryOffset);
      for (const [reason, count] of Object.entries(outcome?.refused ?? {})) ruleSamplesRefused.inc({ reason }, count);
      run.health = 'ok';
      run.lastError = output.partial === undefined ? '' : `partial answer: ${output.partial}`;
      if (output.partial === undefined) this.#once.clear(ruleKey(run.rule));
      else this.#warn(run.rule, run.lastError, 'partial answer; what is missing from it stays as it was');
    } catch (error) {
      this.#failed(run, error);
    }
  }

  #failed(run: RuleRun, error: unknown): void {
    if (this.#abort.signal.aborted) return;
    run.health = 'err';
    run.lastError = (error as Error).message;
    ruleFailures.inc(this.#label);
    this.#warn(run.rule, run.lastError, 'rule evaluation failed');
  }

  #warn(rule: Rule, error: string, message: string): void {
    if (this.#once.fresh(ruleKey(rule), error)) this.#log(rule, error, message);
  }

  #log(rule: Rule, error: string, message: string): void {
    const file = `${this.group.file}:${rule.line}`;
    this.#options.logger.warn({ group: this.group.name, rule: nameOf(rule), file, error }, message);
  }

  /** The message differs from alert to alert, so one is logged until a round goes without. */
  #templateFailed(error: string, rule: Rule): void {
    templateFailures.inc();
    this.#templatesFailing.add(rule);
    if (this.#once.fresh(templateKey(rule), 'fails')) this.#log(rule, error, 'template not expanded');
  }
}

/** A rule that is gone: its alerts and the series it wrote. */
export interface LeftRule {
  readonly evaluator: AlertEvaluator | undefined;
  readonly series: RuleSeries;
}

function leftRule(run: RuleRun): LeftRule {
  return { evaluator: alertsOf(run), series: run.series };
}

function runsOf(group: RuleGroup, write: WriteSeries): RuleRun[] {
  const keys = stateKeys(group);
  return group.rules.map((rule) => ({
    rule,
    evaluator: rule.kind === 'recording' ? new RecordingEvaluator(rule) : new AlertEvaluator(rule, keys.shift()),
    series: new RuleSeries(write),
    health: 'unknown',
    lastError: '',
    lastEvaluation: 0,
    evaluationTime: 0,
  }));
}

function ruleKey(rule: Rule): string {
  return `${rule.line} ${nameOf(rule)}`;
}

function templateKey(rule: Rule): string {
  return `${ruleKey(rule)} template`;
}

function alertsOf({ evaluator }: RuleRun): AlertEvaluator | undefined {
  return evaluator instanceof AlertEvaluator ? evaluator : undefined;
}

function nameOf(rule: Rule): string {
  return rule.kind === 'recording' ? rule.record : rule.alert;
}

function sameRule(a: Rule, b: Rule): boolean {
  return (
    a.kind === b.kind &&
    nameOf(a) === nameOf(b) &&
    JSON.stringify(sorted(a.labels)) === JSON.stringify(sorted(b.labels))
  );
}

function sorted(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Milliseconds into the interval at which a group runs: from its name, so that groups do not all run at once. */
export function offsetOf({ name, interval }: RuleGroup): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16_777_619);
  return (hash >>> 0) % interval;
}
