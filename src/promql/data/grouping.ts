import type { Labels } from '../../model/labels.ts';
import { isMetadataLabel } from './label-sets.ts';
import type { Matrix } from './matrix.ts';

/**
 * Numbers label sets by a part of their labels: sets that agree in it get the same number, counted from 0.
 *
 * `by`/`on` walk a trie with a level for each name, so that no key text is built: the label values are strings that
 * the store shares between series, and their hashes are known. `without`/`ignoring` have to build a text.
 */
export class Numbering {
  readonly #of: (labels: Labels) => number;
  #count = 0;

  private constructor(make: (next: () => number) => (labels: Labels) => number) {
    this.#of = make(() => this.#count++);
  }

  static by(names: readonly string[]): Numbering {
    return new Numbering((next) => numberByTrie([...new Set(names)], next));
  }

  /** All labels count but `names` and, with `metadata`, those that go with the metric name. */
  static without(names: readonly string[], metadata: 'metadata' | 'name' | 'none'): Numbering {
    const left = new Set(names);
    if (metadata !== 'none') left.add('__name__');
    const dropped = (name: string) => left.has(name) || (metadata === 'metadata' && isMetadataLabel(name));
    return new Numbering((next) => numberByText(dropped, next));
  }

  of(labels: Labels): number {
    return this.#of(labels);
  }

  /** How many numbers were given out. */
  get count(): number {
    return this.#count;
  }
}

type Level = Map<string, Level | number>;

function numberByTrie(names: readonly string[], next: () => number): (labels: Labels) => number {
  if (names.length === 0) {
    let only: number | undefined;
    return () => (only ??= next());
  }
  const root: Level = new Map();
  const valueOf = names.map(labelReader);
  const last = names.length - 1;
  return (labels) => {
    let level = root;
    for (let i = 0; i < last; i++) {
      const value = valueOf[i](labels);
      let below = level.get(value) as Level | undefined;
      if (below === undefined) level.set(value, (below = new Map()));
      level = below;
    }
    const value = valueOf[last](labels);
    let number = level.get(value) as number | undefined;
    if (number === undefined) level.set(value, (number = next()));
    return number;
  };
}

/** `labels.get(name)` that looks first where it found the name last: series of a metric mostly have the same labels. */
function labelReader(name: string): (labels: Labels) => string {
  let found = name;
  let place = 0;
  return (labels) => {
    const { flat } = labels;
    if (place < flat.length && flat[place] === found) return flat[place + 1];
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] !== found) continue;
      // The store's own string, which is compared by its address.
      found = flat[i];
      place = i;
      return flat[i + 1];
    }
    return '';
  };
}

function numberByText(dropped: (name: string) => boolean, next: () => number): (labels: Labels) => number {
  const numbers = new Map<string, number>();
  return (labels) => {
    const { flat } = labels;
    let key = '';
    for (let i = 0; i < flat.length; i += 2) {
      if (!dropped(flat[i])) key += `${flat[i]}\0${flat[i + 1]}\0`;
    }
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = next()));
    return number;
  };
}

/** Whether no two rows differ in their metric name, so that rows stay different when it is dropped. */
export function sameName(matrix: Matrix): boolean {
  if (matrix.nameless || matrix.labels.length < 2) return true;
  const first = matrix.labels[0].get('__name__');
  return matrix.labels.every((labels) => labels.get('__name__') === first && !hasTypeOrUnit(labels));
}

/** Labels that go together with the metric name, though unlike it they tell series apart. */
export function hasTypeOrUnit({ flat }: Labels): boolean {
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] === '__type__' || flat[i] === '__unit__') return true;
    // Names are sorted, and most begin with what comes behind an underscore.
    if (flat[i].charCodeAt(0) > UNDERSCORE) return false;
  }
  return false;
}

const UNDERSCORE = 0x5f;
