const MARKS = 32;

/** How old the oldest bytes of a file are that were seen and not yet accepted. */
export class Lag {
  readonly #marks: { at: number; size: number }[] = [];

  /** Notes that the file had `size` bytes at `now`. With all marks in use growth is not noted until the oldest is done with. */
  grew(now: number, size: number): void {
    const last = this.#marks.at(-1);
    if (this.#marks.length < MARKS && (last === undefined || size > last.size)) this.#marks.push({ at: now, size });
  }

  /** Milliseconds. */
  of(now: number, accepted: number): number {
    while (this.#marks.length > 0 && this.#marks[0].size <= accepted) this.#marks.shift();
    return this.#marks.length === 0 ? 0 : Math.max(0, now - this.#marks[0].at);
  }
}
