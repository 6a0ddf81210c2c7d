import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from '../../lib/time/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { AlertState } from '../../model/alert.ts';
import type { Labels } from '../../model/labels.ts';
import type { RuleGroup, RuleGroupStatus } from '../../model/rule.ts';
import type { WriteSeries } from '../../model/sample.ts';
import type { Change, Instance } from './alert-state.ts';
import { EndedSeries } from './ended-series.ts';
import { GroupRunner, type LeftRule, type Readable } from './group.ts';
import { Orphans } from './orphans.ts';
import { type RestoreOptions, restoreFiring, restoreFromSeries, restorePending } from './restore.ts';
import type { AlertEvaluator, RuleContext } from './rule.ts';
import { SavedAlerts } from './saved-alerts.ts';
import { isSameRule } from './state-key.ts';
import { type SavedState, readState, writeState } from './state-file.ts';

export interface RuleManagerOptions {
  readonly context: Omit<RuleContext, 'onTemplateError'>;
  readonly write: WriteSeries;
  readonly readable: Readable;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly stateFile: string;
  readonly restore: RestoreOptions;
  readonly onAlerts: (group: RuleGroup, evaluator: AlertEvaluator, changes: readonly Change[], at: number) => void;
  /** Alerts whose rule is gone: still firing where it is not known yet whether another rule returns them, or resolved. */
  readonly onOrphans: (instances: readonly Instance[], at: number) => void;
}

/** The state file is written at every change, and this often besides, so that it tells when the process was last there. */
const SAVE_EVERY = 30_000;
/** Milliseconds that alerts without a rule, and pages, wait at most until every group has run once. */
const FIRST_ROUND_WITHIN = 5 * 60_000;

/** Runs all rule groups, keeps their alerts' state on disk, and swaps groups at a reload. */
export class RuleManager {
  readonly #options: RuleManagerOptions;
  readonly #clock: Clock;
  readonly #orphans = new Orphans();
  readonly #ended: EndedSeries;
  #runners = new Map<string, GroupRunner>();
  /** What the state file held, until the evaluator's group has run once. */
  readonly #restoring = new Map<AlertEvaluator, readonly Instance[]>();
  #savedAt = 0;
  #appliedAt = 0;
  #applying: Promise<void> = Promise.resolve();
  #saving: Promise<void> = Promise.resolve();
  #cancelSave: (() => void) | undefined;
  #running = false;

  constructor(options: RuleManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#ended = new EndedSeries(options.logger);
  }

  /** Returns whether every alert of the last run is known: there was none, or the state file has them all. */
  async start(groups: readonly RuleGroup[]): Promise<boolean> {
    const { stateFile, logger, restore } = this.#options;
    let complete = true;
    const saved = await readState(stateFile).catch((error: unknown) => {
      complete = false;
      logger.warn({ error: (error as Error).message }, 'alert state could not be read; alerts start anew');
      return undefined;
    });
    this.#running = true;
    await this.#swap(groups, (runners) => {
      this.#restore(
        runners.flatMap((runner) => runner.evaluators()),
        saved,
      );
    });
    this.#scheduleSave();
    return complete && this.#clock.now() - (saved?.savedAt ?? this.#clock.now()) <= restore.outageTolerance;
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelSave?.();
    await this.#applying;
    await Promise.all(this.runners().map((runner) => runner.stop()));
    await this.save();
  }

  /** Starts what is new, ends what is gone, leaves alone what is the same. Changed groups keep their alerts. Never rejects. */
  apply(groups: readonly RuleGroup[]): Promise<void> {
    this.#applying = this.#applying.then(() => (this.#running ? this.#swap(groups) : undefined));
    return this.#applying;
  }

  runners(): GroupRunner[] {
    return [...this.#runners.values()];
  }

  orphans(): Instance[] {
    return this.#orphans.all();
  }

  status(): RuleGroupStatus[] {
    return this.runners().map((runner) => runner.status());
  }

  /** Whether each group has run once, or had time to. */
  get settled(): boolean {
    if (this.#clock.now() - this.#appliedAt >= FIRST_ROUND_WITHIN) return true;
    return this.runners().every((runner) => runner.hasRun);
  }

  /** What the rules say of an alert with these labels, other than `except`. */
  stateOf(labels: Labels, except?: AlertEvaluator): AlertState {
    let state: AlertState = 'inactive';
    for (const runner of this.#runners.values()) {
      for (const evaluator of runner.evaluators()) {
        if (evaluator === except || evaluator.rule.alert !== labels.get('alertname')) continue;
        const found = evaluator.instances.get(labels)?.state;
        if (found === 'firing') return found;
        if (found === 'pending') state = found;
      }
    }
    return state;
  }

  /** Writes the state of all alerts; callers that come meanwhile share one further write. */
  save(): Promise<void> {
    const done = this.#saving.then(() => writeState(this.#options.stateFile, this.#snapshot()));
    this.#saving = done.catch((error: unknown) => {
      this.#options.logger.warn({ error: (error as Error).message }, 'alert state could not be written');
    });
    return this.#saving;
  }

  async #swap(groups: readonly RuleGroup[], prepare?: (runners: readonly GroupRunner[]) => void): Promise<void> {
    const old = this.#runners;
    const next = new Map<string, GroupRunner>();
    for (const group of groups) {
      const key = `${group.file};${group.name}`;
      const known = old.get(key);
      next.set(key, known !== undefined && isDeepStrictEqual(known.group, group) ? known : this.#createRunner(group));
    }
    const left: LeftRule[] = [];
    for (const [key, runner] of old) {
      const successor = next.get(key);
      if (successor === runner) continue;
      await runner.stop();
      left.push(...(successor?.takeOver(runner) ?? runner.leave()));
    }
    this.#runners = next;
    this.#appliedAt = this.#clock.now();
    prepare?.([...next.values()]);
    for (const { evaluator, series } of left) {
      this.#ended.add(series);
      if (evaluator === undefined || this.#moved(evaluator)) continue;
      this.#orphans.add(evaluator.key, evaluator.instances.all());
    }
    for (const [key, runner] of next) if (old.get(key) !== runner) runner.start();
    await this.#ended.write(this.#clock.now());
    this.#settleOrphans(this.#clock.now());
  }

  /** A rule that moved to another file or group takes its alerts along. */
  #moved(from: AlertEvaluator): boolean {
    const to = this.runners()
      .flatMap((runner) => (runner.hasRun ? [] : runner.evaluators()))
      .find(({ key, instances }) => isSameRule(key, from.key) && instances.all().length === 0);
    if (to === undefined) return false;
    for (const instance of from.instances.all()) to.instances.restore(instance);
    return true;
  }

  /** What was firing fires again at once, with the same start, so that inhibition and groups know it before any page goes out. */
  #restore(evaluators: readonly AlertEvaluator[], state: SavedState | undefined): void {
    const now = this.#clock.now();
    const saved = new SavedAlerts(state);
    this.#savedAt = saved.savedAt;
    const anew = now - saved.savedAt > this.#options.restore.outageTolerance;
    for (const [evaluator, instances] of saved.claim(evaluators)) {
      if (anew) {
        this.#orphans.add(evaluator.key, instances);
        continue;
      }
      this.#restoring.set(evaluator, instances);
      restoreFiring(evaluator, instances);
    }
    for (const [key, instances] of saved.left()) this.#orphans.add(key, instances);
    for (const runner of this.#runners.values())
      for (const evaluator of runner.evaluators()) this.#options.onAlerts(runner.group, evaluator, [], now);
    if (this.#orphans.size > 0) this.#options.onOrphans(this.#orphans.all(), now);
  }

  #createRunner(group: RuleGroup): GroupRunner {
    const { context, write, readable, logger, restore } = this.#options;
    return new GroupRunner({
      group,
      context,
      write,
      readable,
      logger,
      clock: this.#clock,
      restore: async (evaluator, at) => {
        restorePending(evaluator, this.#restoring.get(evaluator) ?? [], this.#savedAt, at);
        this.#restoring.delete(evaluator);
        await restoreFromSeries(evaluator, context.query, at, restore);
      },
      onAlerts: async (evaluator, changes, at) => {
        // On disk before anybody hears of it: who was notified of a start must be notified of the same start after a crash.
        if (changes.length > 0) await this.save();
        this.#options.onAlerts(group, evaluator, changes, at);
      },
      onRound: (at) => this.#settleOrphans(at),
    });
  }

  #settleOrphans(at: number): void {
    if (this.#orphans.size === 0 || !this.settled) return;
    const resolved = this.#orphans.settle((labels) => this.stateOf(labels), at);
    if (resolved.length === 0) return;
    void this.save();
    this.#options.onOrphans(resolved, at);
  }

  #snapshot(): SavedState {
    const instances = new Map<string, Instance[]>(this.#orphans.saved());
    const put = (key: string, list: readonly Instance[]) => {
      if (list.length > 0) instances.set(key, [...(instances.get(key) ?? []), ...list]);
    };
    for (const runner of this.#runners.values()) {
      for (const evaluator of runner.evaluators()) {
        put(evaluator.key, evaluator.instances.all());
        // What is pending is put back when its group runs; until then the file keeps it.
        const waiting = this.#restoring.get(evaluator) ?? [];
        put(
          evaluator.key,
          waiting.filter(({ state }) => state === 'pending'),
        );
      }
    }
    const paused = [...this.#restoring.values()].flat().some(({ state }) => state === 'pending');
    return { savedAt: paused ? this.#savedAt : this.#clock.now(), instances };
  }

  #scheduleSave(): void {
    this.#cancelSave = this.#clock.after(SAVE_EVERY, () => {
      this.#settleOrphans(this.#clock.now());
      void this.save();
      void this.#ended.write(this.#clock.now());
      if (this.#running) this.#scheduleSave();
    });
  }
}
