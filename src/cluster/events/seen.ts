/** Up to which occurrence each event is known, by UID. */
export class SeenEvents {
  readonly #counts: Map<string, number>;

  constructor(counts: Iterable<readonly [uid: string, count: number]> = []) {
    this.#counts = new Map(counts);
  }

  /** How many occurrences are new; remembers them. */
  advance(uid: string, count: number): number {
    const known = this.#counts.get(uid) ?? 0;
    if (count <= known) return 0;
    this.#counts.set(uid, count);
    return count - known;
  }

  has(uid: string): boolean {
    return this.#counts.has(uid);
  }

  delete(uid: string): boolean {
    return this.#counts.delete(uid);
  }

  entries(): [uid: string, count: number][] {
    return [...this.#counts];
  }
}
