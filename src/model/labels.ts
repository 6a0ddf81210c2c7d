/**
 * The labels of a series: names sorted, each once, no empty value (an empty value is the same as no label).
 *
 * Held as one flat list `[name, value, name, value, …]`: a series of ten labels costs one array, and a walk over two
 * label sets is a merge. Immutable once made, so it can be shared between modules and its key can be kept.
 */
export class Labels {
  static readonly EMPTY = new Labels([]);

  /** Name at even places, value behind it. Read it in loops; never write to it. */
  readonly flat: readonly string[];
  #key: string | undefined;

  private constructor(flat: readonly string[]) {
    this.flat = flat;
  }

  /** From pairs or an object in any order. A later pair wins over an earlier one of the same name. */
  static of(source: Iterable<readonly [string, string]> | Readonly<Record<string, string>>): Labels {
    const pairs = Symbol.iterator in source ? [...source] : Object.entries(source);
    // Most come sorted, as they were written: that takes a tenth of the time.
    const flat: string[] = [];
    let last = '';
    for (const [name, value] of pairs) {
      if (value === '' || compareUtf8(last, name) >= 0) return Labels.#ofUnsorted(pairs);
      flat.push(name, value);
      last = name;
    }
    return Labels.fromSorted(flat);
  }

  static #ofUnsorted(pairs: readonly (readonly [string, string])[]): Labels {
    const byName = new Map<string, string>();
    for (const [name, value] of pairs) byName.set(name, value);
    const names = [...byName.keys()].filter((name) => byName.get(name) !== '').sort(compareUtf8);
    if (names.length === 0) return Labels.EMPTY;
    return new Labels(names.flatMap((name) => [name, byName.get(name) as string]));
  }

  /** Takes over `flat` as it is. The caller vouches for the order and that no name or value repeats or is empty. */
  static fromSorted(flat: readonly string[]): Labels {
    return flat.length === 0 ? Labels.EMPTY : new Labels(flat);
  }

  get size(): number {
    return this.flat.length / 2;
  }

  /** The value, or '' where the label is absent. */
  get(name: string): string {
    const flat = this.flat;
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1];
    return '';
  }

  has(name: string): boolean {
    return this.get(name) !== '';
  }

  *entries(): IterableIterator<[name: string, value: string]> {
    for (let i = 0; i < this.flat.length; i += 2) yield [this.flat[i], this.flat[i + 1]];
  }

  /** A copy in which `name` has `value`; the empty value removes it. */
  with(name: string, value: string): Labels {
    if (this.get(name) === value) return this;
    const flat = this.flat;
    const next: string[] = [];
    let placed = value === '';
    for (let i = 0; i < flat.length; i += 2) {
      if (!placed && compareUtf8(name, flat[i]) <= 0) {
        next.push(name, value);
        placed = true;
      }
      if (flat[i] !== name) next.push(flat[i], flat[i + 1]);
    }
    if (!placed) next.push(name, value);
    return Labels.fromSorted(next);
  }

  /** Only the labels whose name satisfies `keep`. */
  filter(keep: (name: string, value: string) => boolean): Labels {
    const flat = this.flat;
    const next: string[] = [];
    for (let i = 0; i < flat.length; i += 2) if (keep(flat[i], flat[i + 1])) next.push(flat[i], flat[i + 1]);
    return next.length === flat.length ? this : Labels.fromSorted(next);
  }

  without(...names: string[]): Labels {
    return this.filter((name) => !names.includes(name));
  }

  only(...names: string[]): Labels {
    return this.filter((name) => names.includes(name));
  }

  /** Two label sets are equal exactly when their keys are. Not for people: see {@link toString}. */
  get key(): string {
    return (this.#key ??= keyOf(this.flat));
  }

  equals(other: Labels): boolean {
    if (this === other) return true;
    const a = this.flat;
    const b = other.flat;
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
    return true;
  }

  toJSON(): Record<string, string> {
    return Object.fromEntries(this.entries());
  }

  /** As Prometheus writes it: `up{job="node"}`; names that are not plain identifiers stand quoted inside the braces. */
  toString(): string {
    const name = this.get('__name__');
    const plainName = isLegacyMetricName(name);
    const inner: string[] = [];
    if (name !== '' && !plainName) inner.push(quote(name));
    for (const [label, value] of this.entries()) {
      if (label === '__name__') continue;
      inner.push(`${isLegacyLabelName(label) ? label : quote(label)}=${quote(value)}`);
    }
    if (plainName && inner.length === 0) return name;
    return `${plainName ? name : ''}{${inner.join(', ')}}`;
  }

  /** Order of Prometheus' `labels.Compare`: pair by pair, the shorter first when one is a prefix of the other. */
  static compare(this: void, a: Labels, b: Labels): number {
    const n = Math.min(a.flat.length, b.flat.length);
    for (let i = 0; i < n; i++) {
      if (a.flat[i] !== b.flat[i]) return compareUtf8(a.flat[i], b.flat[i]);
    }
    return a.flat.length - b.flat.length;
  }
}

/** NUL parts the strings. One inside a value is followed by a lone surrogate, which no label can hold. */
function keyOf(flat: readonly string[]): string {
  const safe = flat.some((part) => part.includes('\0')) ? flat.map((part) => part.replaceAll('\0', '\0\ud800')) : flat;
  return safe.join('\0');
}

/** Order of the UTF-8 bytes, which Go sorts by. JavaScript's `<` compares UTF-16 units and differs past U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates (code points past U+FFFF) sort behind every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

export function isLegacyMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

export function isLegacyLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

/** A double-quoted string as Go's `strconv.Quote` writes it, for the characters that occur in labels. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll('\u{7f}', '\\x7f');
}
