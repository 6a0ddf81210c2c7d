import type { LogSource } from '../../model/log.ts';

export interface KnownSource {
  readonly number: number;
  readonly id: string;
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** How far a source has been stored. */
export interface LogPosition {
  /** Offset of the last record handed over; -1 without one. */
  taken: number;
  /** Offset of the last record committed; -1 without one. */
  committed: number;
  /** What is stored is known to be of the file that is read now. */
  verified: boolean;
  /** Settles when the comparison that is under way is done. */
  verifying?: Promise<void>;
}

/**
 * Log sources by number, and how far each has been stored. A source whose fields change gets a further number.
 * Where one id turns out to name another file, that file is stored under an id of its own: `id#2`, then `id#3` …
 */
export class LogSources {
  readonly #byNumber = new Map<number, KnownSource>();
  readonly #byKey = new Map<string, KnownSource>();
  #objects = new WeakMap<LogSource, KnownSource>();
  /** By the id that is stored. */
  readonly #positions = new Map<string, LogPosition>();
  /** By the id that the reader gives: how many files it has named, where more than one. */
  readonly #files = new Map<string, number>();
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
    const stored = { ...source, id: storedId(source.id, this.#files.get(source.id) ?? 1) };
    const known = this.#byKey.get(keyOf(stored)) ?? this.#add(this.#next, stored);
    this.#objects.set(source, known);
    return known;
  }

  /** From now on the source's id names another file: that has a number of its own, and is stored from its start. */
  startOver(source: LogSource): void {
    this.#files.set(source.id, (this.#files.get(source.id) ?? 1) + 1);
    this.#objects = new WeakMap();
    this.position(this.of(source).id).verified = true;
  }

  /** Restores a source as a file on disk has it. Returns the number that it has here. */
  restore(number: number, source: LogSource, ownNumber: boolean): number {
    const [, id, file] = /^(.*)#(\d+)$/s.exec(source.id) ?? [];
    if (id !== undefined) this.#files.set(id, Math.max(this.#files.get(id) ?? 1, Number(file)));
    const known = this.#byKey.get(keyOf(source));
    if (known !== undefined) return known.number;
    const free = ownNumber && !this.#byNumber.has(number);
    return this.#add(free ? number : this.#next, source).number;
  }

  /** Of a {@link KnownSource}'s id. */
  position(id: string): LogPosition {
    let position = this.#positions.get(id);
    if (position === undefined) {
      position = { taken: -1, committed: -1, verified: false };
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

function storedId(id: string, file: number): string {
  return file === 1 ? id : `${id}#${file}`;
}

function keyOf({ id, path, fields }: LogSource): string {
  return JSON.stringify([id, path, fields]);
}
