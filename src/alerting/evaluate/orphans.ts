import type { AlertState } from '../../model/alert.ts';
import type { Labels } from '../../model/labels.ts';
import { type Instance, RESOLVED_RETENTION } from './alert-state.ts';

/**
 * Firing alerts whose rule is gone: deleted, renamed, in a file that is no longer read, or away for longer than the outage
 * tolerance. Each is resolved, unless another rule returns the same alert.
 */
export class Orphans {
  #alerts: { readonly key: string; readonly instance: Instance }[] = [];

  add(key: string, instances: readonly Instance[]): void {
    for (const instance of instances) if (instance.state !== 'pending') this.#alerts.push({ key, instance });
  }

  get size(): number {
    return this.#alerts.length;
  }

  all(): Instance[] {
    return this.#alerts.map(({ instance }) => instance);
  }

  /** For the state file: resolved ones are kept until their news cannot get lost any more. */
  saved(): [string, Instance[]][] {
    const byKey = new Map<string, Instance[]>();
    for (const { key, instance } of this.#alerts) byKey.set(key, [...(byKey.get(key) ?? []), instance]);
    return [...byKey];
  }

  /** Resolves those that no rule returns now; `stateOf` tells what the rules that run say of an alert. Returns what changed. */
  settle(stateOf: (labels: Labels) => AlertState, now: number): Instance[] {
    const resolved: Instance[] = [];
    this.#alerts = this.#alerts.filter(({ instance }) => {
      const state = stateOf(instance.labels);
      if (state === 'firing') return false;
      if (instance.state === 'inactive') return now - instance.resolvedAt <= RESOLVED_RETENTION;
      if (state === 'inactive') {
        instance.state = 'inactive';
        instance.resolvedAt = now;
        resolved.push(instance);
      }
      return true;
    });
    return resolved;
  }
}
