import { TimeSlice } from '../lib/time/time-slice.ts';
import type { DroppedTarget } from '../model/target.ts';
import type { GroupChanges, TargetGroup, TargetLabels } from './discovery/index.ts';
import type { Resolved, ScrapeTarget } from './targets.ts';

/** Works out what becomes of a target from its labels, those of its group among them. */
export type Resolve = (found: TargetLabels) => Resolved;

/** What changed. Every target has a place in one list at most. */
export interface TargetChanges {
  readonly added: readonly ScrapeTarget[];
  /** By identity. */
  readonly removed: readonly string[];
  /** Scraped as before, yet discovered with other labels. */
  readonly rediscovered: readonly ScrapeTarget[];
}

interface Group {
  readonly group: TargetGroup;
  /** By what was found: the same labels in the same group are not resolved again. */
  readonly resolved: ReadonlyMap<string, Resolved>;
}

interface Entry {
  target: ScrapeTarget;
  /** Groups, or places in one, that name it. */
  count: number;
}

/**
 * The targets of one job by group. A changed group costs a look-up for each of its targets, and relabeling only for those
 * that it did not have before; other groups cost nothing.
 */
export class TargetSet {
  #resolve: Resolve;
  #groups = new Map<string, Group>();
  readonly #byIdentity = new Map<string, Entry>();

  constructor(resolve: Resolve) {
    this.#resolve = resolve;
  }

  get size(): number {
    return this.#byIdentity.size;
  }

  /** Every target that is not scraped, of all groups. */
  *dropped(): Generator<DroppedTarget & { readonly isFault: boolean }> {
    for (const { resolved } of this.#groups.values())
      for (const outcome of resolved.values())
        if ('dropped' in outcome) yield { ...outcome.dropped, isFault: outcome.isFault };
  }

  /** Takes changed groups over. One call at a time; other work runs meanwhile. */
  async apply(changes: GroupChanges): Promise<TargetChanges> {
    const work = new Work(this.#byIdentity);
    for (const [key, group] of changes) {
      const old = this.#groups.get(key);
      const resolved = group && (await this.#resolveGroup(group, old, work));
      // New ones count first: a target that stays never reaches zero.
      if (old !== undefined) await work.release(old.resolved);
      if (group === undefined || resolved === undefined) this.#groups.delete(key);
      else this.#groups.set(key, { group, resolved });
    }
    return work.changes();
  }

  /** Resolves all targets anew, by other rules. */
  async resolveBy(resolve: Resolve): Promise<TargetChanges> {
    this.#resolve = resolve;
    const work = new Work(this.#byIdentity);
    const old = this.#groups;
    this.#groups = new Map();
    for (const [key, { group }] of old)
      this.#groups.set(key, { group, resolved: await this.#resolveGroup(group, undefined, work) });
    for (const { resolved } of old.values()) await work.release(resolved);
    return work.changes();
  }

  async #resolveGroup(group: TargetGroup, old: Group | undefined, work: Work): Promise<Map<string, Resolved>> {
    const known = old !== undefined && sameText(old.group.labels, group.labels) ? old.resolved : undefined;
    const resolved = new Map<string, Resolved>();
    for (const labels of group.targets) {
      const key = JSON.stringify(labels);
      if (resolved.has(key)) continue;
      const outcome = known?.get(key) ?? this.#resolve({ ...group.labels, ...labels });
      resolved.set(key, outcome);
      work.claim(outcome);
      await work.pause();
    }
    return resolved;
  }
}

/** Counts who names which target, and remembers what was there before. */
class Work {
  readonly #byIdentity: Map<string, Entry>;
  readonly #before = new Map<string, ScrapeTarget | undefined>();
  readonly #slice = new TimeSlice();

  constructor(byIdentity: Map<string, Entry>) {
    this.#byIdentity = byIdentity;
  }

  async pause(): Promise<void> {
    if (this.#slice.due) await this.#slice.pause();
  }

  claim(outcome: Resolved): void {
    if (!('target' in outcome)) return;
    const { identity, target } = outcome;
    const entry = this.#byIdentity.get(identity);
    if (entry === undefined || entry.target !== target) this.#note(identity, entry);
    if (entry === undefined) {
      this.#byIdentity.set(identity, { target, count: 1 });
    } else {
      entry.count++;
      entry.target = target;
    }
  }

  async release(resolved: ReadonlyMap<string, Resolved>): Promise<void> {
    for (const outcome of resolved.values()) {
      if (!('target' in outcome)) continue;
      const entry = this.#byIdentity.get(outcome.identity);
      if (entry === undefined || --entry.count > 0) continue;
      this.#note(outcome.identity, entry);
      this.#byIdentity.delete(outcome.identity);
      await this.pause();
    }
  }

  changes(): TargetChanges {
    const changes = { added: [] as ScrapeTarget[], removed: [] as string[], rediscovered: [] as ScrapeTarget[] };
    for (const [identity, before] of this.#before) {
      const target = this.#byIdentity.get(identity)?.target;
      if (target === before) continue;
      if (target === undefined) changes.removed.push(identity);
      else if (before === undefined) changes.added.push(target);
      else changes.rediscovered.push(target);
    }
    return changes;
  }

  #note(identity: string, entry: Entry | undefined): void {
    if (!this.#before.has(identity)) this.#before.set(identity, entry?.target);
  }
}

function sameText(a: TargetLabels, b: TargetLabels): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
