const WINDOW = 10_000;

/** Amounts per second over the last ten seconds. */
export class Rate {
  readonly #marks: { at: number; total: number }[] = [];
  #total = 0;

  /** Notes how much there was in all; called at each poll. */
  note(now: number, total: number): void {
    this.#total = total;
    const last = this.#marks.at(-1);
    if (last !== undefined && now - last.at < 500) return;
    this.#marks.push({ at: now, total });
    while (this.#marks.length > 2 && now - this.#marks[0].at > WINDOW) this.#marks.shift();
  }

  perSecond(now: number): number {
    const first = this.#marks[0];
    if (first === undefined || now <= first.at) return 0;
    return ((this.#total - first.total) * 1000) / (now - first.at);
  }
}
