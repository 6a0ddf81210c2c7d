import type { Instance } from './alert-state.ts';
import type { AlertEvaluator } from './rule.ts';
import { isSameRule, parseStateKey } from './state-key.ts';
import type { SavedState } from './state-file.ts';

/**
 * What the state file held when the process started. Each rule claims its alerts once: by its key; where that is not there,
 * by name and labels alone, for a rule that moved to another file or group. What nobody claims belongs to rules that are gone.
 */
export class SavedAlerts {
  readonly savedAt: number;
  readonly #instances: Map<string, readonly Instance[]>;

  constructor(saved: SavedState | undefined) {
    this.savedAt = saved?.savedAt ?? 0;
    this.#instances = new Map(saved?.instances);
  }

  /** The alerts of each evaluator that has some. */
  claim(evaluators: readonly AlertEvaluator[]): Map<AlertEvaluator, readonly Instance[]> {
    const claimed = new Map<AlertEvaluator, readonly Instance[]>();
    const take = (evaluator: AlertEvaluator, key: string | undefined) => {
      const instances = key === undefined ? undefined : this.#instances.get(key);
      if (key === undefined || instances === undefined) return;
      this.#instances.delete(key);
      claimed.set(evaluator, instances);
    };
    for (const evaluator of evaluators) take(evaluator, evaluator.key);
    for (const evaluator of evaluators) if (!claimed.has(evaluator)) take(evaluator, this.#moved(evaluator));
    for (const evaluator of evaluators) if (!claimed.has(evaluator)) this.#claimEarlier(evaluator, claimed);
    return claimed;
  }

  /** What was not claimed, by key. */
  left(): [string, readonly Instance[]][] {
    return [...this.#instances].filter(([, instances]) => instances.length > 0);
  }

  #moved({ key }: AlertEvaluator): string | undefined {
    return [...this.#instances.keys()].find((other) => other.startsWith('[') && isSameRule(other, key));
  }

  /** Version 1 of the file knew rules by `file;group;alert`: those of one name shared a list, which labels tell apart. */
  #claimEarlier(evaluator: AlertEvaluator, claimed: Map<AlertEvaluator, readonly Instance[]>): void {
    const { file, group, alert } = parseStateKey(evaluator.key);
    const key = `${file};${group};${alert}`;
    const shared = this.#instances.get(key);
    if (shared === undefined) return;
    const fixed = Object.entries(evaluator.rule.labels).filter(([, value]) => !value.includes('{{'));
    const isOwn = ({ labels }: Instance) => fixed.every(([name, value]) => labels.get(name) === value);
    claimed.set(evaluator, shared.filter(isOwn));
    this.#instances.set(
      key,
      shared.filter((instance) => !isOwn(instance)),
    );
  }
}
