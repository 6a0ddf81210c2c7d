import type { Clock } from '../../lib/time/clock.ts';
import type { Discoverer, TargetGroup } from './kind.ts';
import type { Provider } from './kinds.ts';

/** Changes are passed on this often at most, milliseconds: as in Prometheus, a rollout is a few updates, not hundreds. */
const THROTTLE_MS = 5000;

/** Groups by a key that is unique in the job; undefined is a group that is gone. */
export type GroupChanges = ReadonlyMap<string, TargetGroup | undefined>;

interface Running {
  readonly discoverer: Discoverer;
  readonly sources: Set<string>;
  faults: readonly string[];
}

/**
 * Runs the discoverers of one job and passes on which groups changed.
 *
 *     providers ─▶ groups by source ─▶ changes, throttled ─▶ onChanges
 */
export class Discovery {
  readonly #clock: Clock;
  readonly #onChanges: (changes: GroupChanges) => void;
  readonly #onFaults: (faults: readonly string[]) => void;
  readonly #running = new Map<string, Running>();
  #changes = new Map<string, TargetGroup | undefined>();
  #cancelFlush: (() => void) | undefined;
  #flushedAt = -Infinity;
  #stopped = false;

  constructor(clock: Clock, onChanges: (changes: GroupChanges) => void, onFaults: (faults: readonly string[]) => void) {
    this.#clock = clock;
    this.#onChanges = onChanges;
    this.#onFaults = onFaults;
  }

  /**
   * Starts the providers that are new and ends those not listed any more; the groups of these stay until the new ones had
   * their first try, so that targets which both know do not go and come. Others are not touched.
   */
  async use(providers: readonly Provider[]): Promise<void> {
    const listed = new Set(providers.map(({ id }) => id));
    const ended = [...this.#running].filter(([id]) => !listed.has(id));
    const begun: Running[] = [];
    for (const provider of providers) if (!this.#running.has(provider.id)) begun.push(this.#begin(provider));
    await Promise.all(begun.map(({ discoverer }) => discoverer.start()));
    await Promise.all(ended.map(([id, running]) => this.#end(id, running)));
    this.#flush();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelFlush?.();
    await Promise.all(Array.from(this.#running.values(), ({ discoverer }) => discoverer.stop()));
  }

  #begin({ id, create }: Provider): Running {
    const sources = new Set<string>();
    const discoverer = create({
      clock: this.#clock,
      emit: (groups) => this.#take(id, groups),
      fault: (faults) => this.#setFaults(id, faults),
    });
    const running: Running = { discoverer, sources, faults: [] };
    this.#running.set(id, running);
    return running;
  }

  async #end(id: string, { discoverer, sources }: Running): Promise<void> {
    this.#running.delete(id);
    await discoverer.stop();
    for (const source of sources) this.#changes.set(keyOf(id, source), undefined);
    this.#reportFaults();
  }

  #take(id: string, groups: readonly TargetGroup[]): void {
    const sources = this.#running.get(id)?.sources;
    if (sources === undefined || groups.length === 0) return;
    for (const group of groups) {
      const isGone = group.targets.length === 0;
      if (isGone) sources.delete(group.source);
      else sources.add(group.source);
      this.#changes.set(keyOf(id, group.source), isGone ? undefined : group);
    }
    const wait = this.#flushedAt + THROTTLE_MS - this.#clock.now();
    if (wait <= 0) this.#flush();
    else this.#cancelFlush ??= this.#clock.after(wait, () => this.#flush());
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#stopped || this.#changes.size === 0) return;
    this.#flushedAt = this.#clock.now();
    const changes = this.#changes;
    this.#changes = new Map();
    this.#onChanges(changes);
  }

  #setFaults(id: string, faults: readonly string[]): void {
    const running = this.#running.get(id);
    if (running === undefined || (faults.length === 0 && running.faults.length === 0)) return;
    running.faults = faults;
    this.#reportFaults();
  }

  #reportFaults(): void {
    if (!this.#stopped) this.#onFaults([...this.#running.values()].flatMap(({ faults }) => faults));
  }
}

function keyOf(id: string, source: string): string {
  return `${id}\n${source}`;
}
