import { compareUtf8 } from '../../model/labels.ts';
import type { Labels } from '../../model/labels.ts';
import type { SeriesRegistry } from './registry.ts';
import type { SeriesState } from './series-state.ts';
import type { SeriesSelection } from '../types.ts';
import type { Work } from '../write-queue.ts';

/** Which series there are, and their labels; from memory alone. */
export class SeriesLookup {
  readonly #registry: SeriesRegistry;
  readonly #state: SeriesState;

  constructor(registry: SeriesRegistry, state: SeriesState) {
    this.#registry = registry;
    this.#state = state;
  }

  /** Of all that are selected, whatever the limit; in no order. */
  numbers({ matcherSets, start, end }: SeriesSelection): number[] {
    const sets = matcherSets.length === 0 ? [[]] : matcherSets;
    const numbers = new Set(sets.flatMap((matchers) => this.#registry.match(matchers)));
    return [...numbers].filter((number) => this.#state.within(number, start, end));
  }

  *series(selection: SeriesSelection): Work<Labels[]> {
    const labels = this.numbers(selection).map((number) => this.#registry.labelsOf(number));
    yield;
    return selection.limit > 0 ? labels.slice(0, selection.limit) : labels;
  }

  *names(selection: SeriesSelection): Work<string[]> {
    const names = new Set<string>();
    for (const [i, labels] of (yield* this.series({ ...selection, limit: 0 })).entries()) {
      if (i % STEP === 0) yield;
      for (const [name] of labels.entries()) names.add(name);
    }
    return sortedUpTo(names, selection.limit);
  }

  *values(name: string, selection: SeriesSelection): Work<string[]> {
    const { matcherSets, start, end, limit } = selection;
    const values = new Set<string>();
    if (matcherSets.length === 0) {
      for (const [value, numbers] of this.#registry.valuesOf(name)) {
        if (numbers.some((number) => this.#state.within(number, start, end))) values.add(value);
      }
    } else {
      for (const [i, labels] of (yield* this.series({ ...selection, limit: 0 })).entries()) {
        if (i % STEP === 0) yield;
        values.add(labels.get(name));
      }
      values.delete('');
    }
    return sortedUpTo(values, limit);
  }
}

/** Series that are looked at in one step. */
const STEP = 4096;

function sortedUpTo(names: ReadonlySet<string>, limit: number): string[] {
  const sorted = [...names].sort(compareUtf8);
  return limit > 0 ? sorted.slice(0, limit) : sorted;
}
