import { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { SeriesLayout } from '../../model/sample.ts';
import { SeriesMatching } from './series-matching.ts';
import type { SeriesIndex } from './series-matching.ts';

/**
 * All series the store knows: labels ↔ number, and from label and value to the numbers that have it.
 *
 *   #table    open-addressed hash of number + 1, keyed by the hash of the labels
 *   #labels   number → Labels, every string in it shared with the postings
 *   #postings name → value → numbers, in no order
 *
 * Invariant: a number stands in exactly the postings of its own labels; no two numbers have equal labels.
 * Price: about 350 bytes a series of ten labels; a lookup of labels one hash over their characters; of a layout seen
 * before, nothing. Numbers of forgotten series are given out again, so columns indexed by number stay short.
 */
export class SeriesRegistry implements SeriesIndex {
  #labels: (Labels | undefined)[] = [];
  #hashes = new Int32Array(1024);
  #table = new Int32Array(4096);
  #size = 0;
  #free: number[] = [];
  readonly #postings = new Map<string, Map<string, number[]>>();
  readonly #names = new Map<string, string>();
  readonly #layouts = new WeakMap<SeriesLayout, { readonly numbers: Int32Array; checked: number }>();
  readonly #matching = new SeriesMatching(this);
  /** How often series were removed, and by number the last time it was. */
  #removals = 0;
  #removedAt = new Int32Array(0);

  get size(): number {
    return this.#size;
  }

  /** One past the highest number in use: how long a column by number must be. */
  get bound(): number {
    return this.#labels.length;
  }

  labelsOf(number: number): Labels {
    const labels = this.#labels[number];
    if (labels === undefined) throw new Error(`BUG: no series ${number}`);
    return labels;
  }

  knows(number: number): boolean {
    return this.#labels[number] !== undefined;
  }

  /** The number of the labels, or -1. */
  find(labels: Labels): number {
    const hash = hashOf(labels.flat);
    return this.#table[this.#slotOf(hash, labels.flat)] - 1;
  }

  /** The number of the labels, newly given where need be. */
  add(labels: Labels): number {
    return this.#numberOf(labels, () => true);
  }

  /** Puts a series back under the number it has on disk; false where the number or the labels are taken otherwise. */
  restore(number: number, labels: Labels): boolean {
    const hash = hashOf(labels.flat);
    const slot = this.#slotOf(hash, labels.flat);
    if (this.#table[slot] !== 0) return this.#table[slot] - 1 === number;
    if (this.knows(number)) return false;
    while (this.#labels.length < number) this.#labels.push(undefined);
    this.#insert(number, hash, slot, labels.flat);
    return true;
  }

  /** To be called once all that is on disk has been restored: the gaps become free numbers. */
  collectGaps(): void {
    this.#free = [];
    for (let i = this.#labels.length - 1; i >= 0; i--) if (this.#labels[i] === undefined) this.#free.push(i);
  }

  /** Whether {@link resolve} of the layout costs nothing. */
  isResolved(layout: SeriesLayout): boolean {
    return this.#resolved(layout) !== undefined;
  }

  /** The numbers of a layout's series, -1 where `admit` refuses one that is new. Meanwhile no series may be removed. */
  *resolve(layout: SeriesLayout, admit: (labels: Labels) => boolean): Generator<undefined, Int32Array> {
    const known = this.#resolved(layout);
    if (known !== undefined) return known;
    let complete = true;
    const numbers = new Int32Array(layout.series.length);
    for (let i = 0; i < numbers.length; i++) {
      if (i % 256 === 255) yield;
      // A batch may hold many samples of one series in a row.
      const again = i > 0 && layout.series[i] === layout.series[i - 1];
      numbers[i] = again ? numbers[i - 1] : this.#numberOf(layout.series[i].labels, admit);
      if (numbers[i] === -1) complete = false;
    }
    if (complete) this.#layouts.set(layout, { numbers, checked: this.#removals });
    return numbers;
  }

  /** Ask it before `match` where the matchers come from outside: what is slow among them is tested in slices. */
  prepare(matchers: readonly Matcher[], signal?: AbortSignal): Promise<void> {
    return this.#matching.prepare(matchers, signal);
  }

  /** The numbers of the series that satisfy all matchers. @throws {Error} for a regular expression that is none. */
  match(matchers: readonly Matcher[]): readonly number[] {
    return this.#matching.match(matchers);
  }

  *numbers(): IterableIterator<number> {
    for (let i = 0; i < this.#labels.length; i++) if (this.#labels[i] !== undefined) yield i;
  }

  labelNames(): string[] {
    return [...this.#postings.keys()];
  }

  /** The values of a label with the series that have each. */
  valuesOf(name: string): ReadonlyMap<string, readonly number[]> {
    return this.#postings.get(name) ?? new Map<string, number[]>();
  }

  /** Forgets series; their numbers will be given to others, so nothing may refer to them any more. */
  remove(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    const gone = new Set(numbers);
    const touched = new Map<string, Set<string>>();
    for (const number of numbers) {
      for (const [name, value] of this.labelsOf(number).entries()) {
        const values = touched.get(name) ?? new Set<string>();
        touched.set(name, values.add(value));
      }
    }
    for (const [name, values] of touched) this.#prune(name, values, gone);
    for (const number of numbers) {
      this.#labels[number] = undefined;
      this.#free.push(number);
    }
    this.#size -= numbers.length;
    this.#removals++;
    this.#removedAt = grown(this.#removedAt, this.#labels.length);
    for (const number of numbers) this.#removedAt[number] = this.#removals;
    this.#rehash(this.#table.length);
  }

  /** Makes new lists: known-matches.ts tells by that. */
  #prune(name: string, values: ReadonlySet<string>, gone: ReadonlySet<number>): void {
    const byValue = this.#postings.get(name);
    if (byValue === undefined) return;
    for (const value of values) {
      const left = (byValue.get(value) ?? []).filter((number) => !gone.has(number));
      if (left.length === 0) byValue.delete(value);
      else byValue.set(value, left);
    }
    if (byValue.size > 0) return;
    this.#postings.delete(name);
    this.#names.delete(name);
  }

  /** The numbers of a layout of which no series was removed since they were found. */
  #resolved(layout: SeriesLayout): Int32Array | undefined {
    const known = this.#layouts.get(layout);
    if (known === undefined || known.checked === this.#removals) return known?.numbers;
    for (const number of known.numbers) if (this.#removedAt[number] > known.checked) return undefined;
    known.checked = this.#removals;
    return known.numbers;
  }

  #numberOf(labels: Labels, admit: (labels: Labels) => boolean): number {
    const { flat } = labels;
    const hash = hashOf(flat);
    const slot = this.#slotOf(hash, flat);
    if (this.#table[slot] !== 0) return this.#table[slot] - 1;
    if (!admit(labels)) return -1;
    const number = this.#free.pop() ?? this.#labels.length;
    this.#insert(number, hash, slot, flat);
    return number;
  }

  /** `slot`: the empty place in the table where the labels would stand. */
  #insert(number: number, hash: number, slot: number, flat: readonly string[]): void {
    const shared = flat.slice();
    for (let i = 0; i < flat.length; i += 2) this.#post(number, i, shared);
    this.#labels[number] = Labels.fromSorted(shared);
    if (number >= this.#hashes.length) this.#hashes = grown(this.#hashes, number + 1);
    this.#hashes[number] = hash;
    this.#size++;
    if (this.#size * 2 > this.#table.length) this.#rehash(this.#table.length * 2);
    else this.#table[slot] = number + 1;
  }

  /** Enters the label at `flat[i]` and puts the strings there that others have, too. */
  #post(number: number, i: number, flat: string[]): void {
    const name = flat[i];
    const value = flat[i + 1];
    let byValue = this.#postings.get(name);
    if (byValue === undefined) {
      byValue = new Map();
      this.#postings.set(name, byValue);
      this.#names.set(name, name);
    }
    const numbers = byValue.get(value);
    if (numbers === undefined) {
      byValue.set(value, [number]);
    } else {
      flat[i + 1] = this.#labels[numbers[0]]?.get(name) ?? value;
      numbers.push(number);
    }
    flat[i] = this.#names.get(name) ?? name;
  }

  /** Where the labels stand in the table, or the empty place where they would. */
  #slotOf(hash: number, flat: readonly string[]): number {
    const mask = this.#table.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = this.#table[slot] - 1;
      if (number === -1) return slot;
      if (this.#hashes[number] === hash && sameStrings(this.#labels[number]?.flat, flat)) return slot;
    }
  }

  #rehash(length: number): void {
    this.#table = new Int32Array(length);
    const mask = length - 1;
    for (const number of this.numbers()) {
      let slot = this.#hashes[number] & mask;
      while (this.#table[slot] !== 0) slot = (slot + 1) & mask;
      this.#table[slot] = number + 1;
    }
  }
}

function sameStrings(a: readonly string[] | undefined, b: readonly string[]): boolean {
  if (a === undefined || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** FNV-1a over the characters, strings parted by a unit that moves the state on. */
function hashOf(flat: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const part of flat) {
    for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0xff, 0x01000193);
  }
  return hash | 0;
}

/** The column, or a copy with room for `length`; at least doubled, so that growing stays cheap. */
export function grown<T extends Int32Array | Float64Array | Uint8Array>(column: T, length: number): T {
  if (column.length >= length) return column;
  const make = column.constructor as new (length: number) => T;
  const copy = new make(Math.max(length, column.length * 2));
  copy.set(column);
  return copy;
}
