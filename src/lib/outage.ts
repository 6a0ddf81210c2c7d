/** More different reasons than this are not logged in one outage. */
const MOST_REASONS = 10;

/** Logs an outage once for each reason, however often they take turns, and its end once. */
export class Outage {
  readonly #reasons = new Set<string>();

  /** Whether this reason is new in this outage. */
  isNew(reason: string): boolean {
    if (this.#reasons.has(reason) || this.#reasons.size >= MOST_REASONS) return false;
    this.#reasons.add(reason);
    return true;
  }

  /** Whether there was an outage, which is over. */
  end(): boolean {
    const was = this.#reasons.size > 0;
    this.#reasons.clear();
    return was;
  }
}
