import type { LogSource } from '../../model/log.ts';

export interface KnownSource {
  readonly number: number;
  readonly id: string;
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Log sources by number, and how far each has been stored. A source whose fields change gets a further number. */
export class LogSources {
  readonly #byNumber = new Map<number, KnownSource>();
  readonly #byKey = new Map<string, KnownSource>();
  readonly #objects = new WeakMap<LogSource, KnownSource>();
  /** By source id: offset of the last record handed over, and of the last one committed. */
  readonly #positions = new Map<string, { taken: number; committed: number }>();
  #next = 0;

  all(): Iterable<KnownSource> {
    return this.#byNumber.values();
  }

  get(number: number): KnownSource | undefined {
    return this.#byNumber.get(number);
  }

  of(source: LogSource): KnownSource {
    const seen = this.#objects.get(source);
    if (seen !== undefined) return seen;
    const known = this.#byKey.get(keyOf(source)) ?? this.#add(this.#next, source);
    this.#objects.set(source, known);
    return known;
  }

  /** Puts back what a file on disk says; answers the number that the source has here. */
  restore(number: number, source: LogSource, ownNumber: boolean): number {
    const known = this.#byKey.get(keyOf(source));
    if (known !== undefined) return known.number;
    const free = ownNumber && !this.#byNumber.has(number);
    return this.#add(free ? number : this.#next, source).number;
  }

  position(id: string): { taken: number; committed: number } {
    let position = this.#positions.get(id);
    if (position === undefined) {
      position = { taken: -1, committed: -1 };
      this.#positions.set(id, position);
    }
    return position;
  }

  restorePosition(id: string, offset: number): void {
    const position = this.position(id);
    position.committed = Math.max(position.committed, offset);
    position.taken = position.committed;
  }

  #add(number: number, source: LogSource): KnownSource {
    const known = { number, id: source.id, path: source.path, fields: source.fields };
    this.#byNumber.set(number, known);
    this.#byKey.set(keyOf(source), known);
    this.#next = Math.max(this.#next, number + 1);
    return known;
  }
}

function keyOf({ id, path, fields }: LogSource): string {
  return JSON.stringify([id, path, fields]);
}
