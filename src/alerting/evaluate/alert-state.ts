import type { AlertState } from '../../model/alert.ts';
import type { Labels } from '../../model/labels.ts';

/** How long a resolved alert is still handed on, so that its news cannot get lost. */
export const RESOLVED_RETENTION = 15 * 60_000;

/**
 * One instance of an alerting rule.
 *
 * - pending: the expression gives it, but not yet for as long as `for` asks.
 * - firing: it did for that long. Stays so for `keep_firing_for` after the expression ceased to give it.
 * - inactive: it was firing and is resolved; kept for {@link RESOLVED_RETENTION}.
 */
export interface Instance {
  readonly labels: Labels;
  annotations: Readonly<Record<string, string>>;
  state: AlertState;
  value: number;
  /** When the expression first gave it. All times are milliseconds; 0 = never. */
  activeAt: number;
  firedAt: number;
  resolvedAt: number;
  keepFiringSince: number;
}

/** What the expression gave, after templating. */
export interface AlertResult {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Timing {
  readonly for: number;
  readonly keepFiringFor: number;
}

export interface Change {
  readonly kind: 'pending' | 'firing' | 'resolved';
  readonly instance: Instance;
}

/** The instances of one alerting rule by their labels. Time is passed in. */
export class AlertInstances {
  #instances = new Map<string, Instance>();

  all(): Instance[] {
    return [...this.#instances.values()];
  }

  /** Pending and firing. */
  active(): Instance[] {
    return this.all().filter((instance) => instance.state !== 'inactive');
  }

  get(labels: Labels): Instance | undefined {
    return this.#instances.get(labels.key);
  }

  clear(): void {
    this.#instances.clear();
  }

  /** Takes back what was known before a restart or reload. */
  restore(instance: Instance): void {
    this.#instances.set(instance.labels.key, instance);
  }

  /**
   * One evaluation at `at`. Results have distinct labels. Where the answer was `partial`, what is missing from it stays as it was.
   */
  update(results: ReadonlyMap<string, AlertResult>, timing: Timing, at: number, partial = false): Change[] {
    const changes: Change[] = [];
    for (const [key, result] of results) {
      const known = this.#instances.get(key);
      if (known !== undefined && known.state !== 'inactive') {
        known.value = result.value;
        known.annotations = result.annotations;
        continue;
      }
      const instance: Instance = {
        ...result,
        state: 'pending',
        activeAt: at,
        firedAt: 0,
        resolvedAt: 0,
        keepFiringSince: 0,
      };
      this.#instances.set(key, instance);
      if (timing.for > 0) changes.push({ kind: 'pending', instance });
    }
    for (const [key, instance] of this.#instances) {
      if (partial && instance.state !== 'inactive' && !results.has(key)) continue;
      const change = results.has(key) ? given(instance, timing, at) : this.#ceased(key, instance, timing, at);
      if (change !== undefined) changes.push({ kind: change, instance });
    }
    return changes;
  }

  /** The expression no longer gives it. */
  #ceased(key: string, instance: Instance, timing: Timing, at: number): Change['kind'] | undefined {
    if (instance.state === 'firing' && timing.keepFiringFor > 0) {
      if (instance.keepFiringSince === 0) instance.keepFiringSince = at;
      if (at - instance.keepFiringSince < timing.keepFiringFor) return undefined;
    }
    if (instance.state === 'pending' || (instance.resolvedAt > 0 && at - instance.resolvedAt > RESOLVED_RETENTION))
      this.#instances.delete(key);
    if (instance.state === 'inactive') return undefined;
    const was = instance.state;
    instance.state = 'inactive';
    instance.resolvedAt = at;
    return was === 'firing' ? 'resolved' : undefined;
  }
}

function given(instance: Instance, timing: Timing, at: number): Change['kind'] | undefined {
  instance.keepFiringSince = 0;
  if (instance.state === 'pending' && at - instance.activeAt >= timing.for) {
    instance.state = 'firing';
    instance.firedAt = at;
    return 'firing';
  }
  // A reload may have made `for` longer.
  if (instance.state === 'firing' && at - instance.activeAt < timing.for) {
    instance.state = 'pending';
    instance.firedAt = 0;
    return 'pending';
  }
  return undefined;
}
