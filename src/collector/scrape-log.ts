import { type Logger, LogOnce } from '../lib/logger.ts';

/** Says what is wrong with one target when it begins, when it changes and when it ends; never at every scrape. */
export class ScrapeLog {
  readonly #logger: Logger;
  readonly #where: Readonly<Record<string, string>>;
  readonly #once = new LogOnce();

  constructor(logger: Logger, where: Readonly<Record<string, string>>) {
    this.#logger = logger;
    this.#where = where;
  }

  down(reason: string, error: string): void {
    if (this.#once.fresh('down', reason)) this.#logger.warn({ ...this.#where, reason, error }, 'target is down');
  }

  up(): void {
    if (this.#once.clear('down')) this.#logger.info(this.#where, 'target is up again');
  }

  brokenLines(faults: ReadonlyMap<string, number>, first: string): void {
    if (faults.size === 0) {
      if (this.#once.clear('lines')) this.#logger.info(this.#where, 'page has no broken lines any more');
      return;
    }
    const kinds = [...faults.keys()].sort().join(', ');
    if (this.#once.fresh('lines', kinds))
      this.#logger.warn({ ...this.#where, lines: Object.fromEntries(faults), first }, 'lines of the page are left out');
  }

  discovery(faults: readonly string[]): void {
    const text = faults.join('; ');
    if (text === '') this.#once.clear('discovery');
    else if (this.#once.fresh('discovery', text)) this.#logger.warn({ ...this.#where, faults }, 'targets are left out');
  }

  written(refused: Readonly<Record<string, number>>, error?: unknown): void {
    const reasons = Object.keys(refused).sort().join(', ');
    if (reasons === '') {
      this.#once.clear('write');
      return;
    }
    if (this.#once.fresh('write', reasons))
      this.#logger.warn({ ...this.#where, refused, err: error }, 'samples were not taken');
  }
}
