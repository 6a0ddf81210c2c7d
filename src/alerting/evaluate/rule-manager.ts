import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { RuleGroup, RuleGroupStatus } from '../../model/rule.ts';
import type { WriteSeries } from '../../model/sample.ts';
import type { Change } from './alert-state.ts';
import { GroupRunner, type Readable } from './group.ts';
import { type RestoreOptions, restoreFromFile, restoreFromSeries, savedFor, stateKey } from './restore.ts';
import type { AlertEvaluator, RuleContext } from './rule.ts';
import { type SavedState, readState, writeState } from './state-file.ts';

export interface RuleManagerOptions {
  readonly context: RuleContext;
  readonly write: WriteSeries;
  readonly readable: Readable;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly stateFile: string;
  readonly restore: RestoreOptions;
  readonly onAlerts: (group: RuleGroup, evaluator: AlertEvaluator, changes: readonly Change[], at: number) => void;
}

/** The state file is written at every change, and this often besides, so that it tells when the process was last there. */
const SAVE_EVERY = 30_000;

/** Runs all rule groups, keeps their alerts' state on disk, and swaps groups at a reload. */
export class RuleManager {
  readonly #options: RuleManagerOptions;
  readonly #clock: Clock;
  #runners = new Map<string, GroupRunner>();
  #saved: SavedState | undefined;
  #saving: Promise<void> = Promise.resolve();
  #cancelSave: (() => void) | undefined;
  #running = false;

  constructor(options: RuleManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async start(groups: readonly RuleGroup[]): Promise<void> {
    this.#saved = await readState(this.#options.stateFile).catch((error: unknown) => {
      this.#options.logger.warn(
        { error: (error as Error).message },
        'alert state could not be read; alerts start anew',
      );
      return undefined;
    });
    this.#running = true;
    await this.apply(groups);
    this.#scheduleSave();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelSave?.();
    await Promise.all(this.runners().map((runner) => runner.stop()));
    await this.save();
  }

  /** Starts what is new, ends what is gone, leaves alone what is the same. Changed groups keep their alerts. */
  async apply(groups: readonly RuleGroup[]): Promise<void> {
    const old = this.#runners;
    const next = new Map<string, GroupRunner>();
    for (const group of groups) {
      const key = `${group.file};${group.name}`;
      const known = old.get(key);
      next.set(key, known !== undefined && isDeepStrictEqual(known.group, group) ? known : this.#createRunner(group));
    }
    for (const [key, runner] of old) {
      const successor = next.get(key);
      if (successor === runner) continue;
      await runner.stop();
      successor?.takeOver(runner);
      await runner.endSeries(successor, this.#clock.now());
    }
    this.#runners = next;
    for (const [key, runner] of next) if (old.get(key) !== runner) runner.start();
  }

  runners(): GroupRunner[] {
    return [...this.#runners.values()];
  }

  status(): RuleGroupStatus[] {
    return this.runners().map((runner) => runner.status());
  }

  /** Writes the state of all alerts; callers that come meanwhile share one further write. */
  save(): Promise<void> {
    const done = this.#saving.then(() => writeState(this.#options.stateFile, this.#snapshot()));
    this.#saving = done.catch((error: unknown) => {
      this.#options.logger.warn({ error: (error as Error).message }, 'alert state could not be written');
    });
    return this.#saving;
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
        const key = stateKey(group.file, group.name, evaluator);
        restoreFromFile(evaluator, savedFor(this.#saved, key), this.#saved?.savedAt ?? 0, at, restore);
        await restoreFromSeries(evaluator, context.query, at, restore);
      },
      onAlerts: async (evaluator, changes, at) => {
        // On disk before anybody hears of it: who is told of a start must be told of the same start after a crash.
        if (changes.length > 0) await this.save();
        this.#options.onAlerts(group, evaluator, changes, at);
      },
    });
  }

  #snapshot(): SavedState {
    const instances = this.runners().flatMap((runner) =>
      runner
        .evaluators()
        .map(
          (evaluator) =>
            [stateKey(runner.group.file, runner.group.name, evaluator), evaluator.instances.all()] as const,
        ),
    );
    // What is still to be restored stays in the file until its group has run.
    const pending = [...(this.#saved?.instances ?? [])].filter(([key]) =>
      this.runners().some((runner) => !runner.restored && key.startsWith(`${runner.group.file};${runner.group.name};`)),
    );
    const merged = new Map([...instances.filter(([, list]) => list.length > 0), ...pending]);
    return { savedAt: pending.length > 0 ? (this.#saved?.savedAt ?? 0) : this.#clock.now(), instances: merged };
  }

  #scheduleSave(): void {
    this.#cancelSave = this.#clock.after(SAVE_EVERY, () => {
      void this.save();
      if (this.#running) this.#scheduleSave();
    });
  }
}
