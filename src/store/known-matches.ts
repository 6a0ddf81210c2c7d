import type { Matcher } from '../model/matcher.ts';

/** Numbers that all answers together may hold: 16 MB, and as much for the lists of labels that are kept by them. */
const MOST_NUMBERS = 2_000_000;

interface Answer {
  readonly candidates: readonly number[];
  /** How many of the candidates were looked at. */
  looked: number;
  numbers: readonly number[];
}

/**
 * What matchers found before, for rules and dashboards ask for the same again and again.
 *
 * Candidates are the series with one value of one label; whether one of them is found hangs on its own labels alone, which
 * never change. So an answer holds while its list of candidates is the same one, and where that grew at its end only the
 * new ones are looked at. Who takes a series out of a list must put another list in its place.
 */
export class KnownMatches {
  readonly #answers = new Map<string, Answer>();
  #held = 0;

  /** The candidates that `filter` keeps: a list that nobody writes to, and the same one as long as no more are found. */
  of(
    matchers: readonly Matcher[],
    candidates: readonly number[],
    filter: (candidates: readonly number[]) => readonly number[],
  ): readonly number[] {
    const key = JSON.stringify(matchers);
    const known = this.#answers.get(key);
    const answer = known?.candidates === candidates ? known : { candidates, looked: 0, numbers: [] };
    if (known !== undefined) this.#forget(key, known);
    if (answer.looked < candidates.length) {
      const more = filter(candidates.slice(answer.looked));
      if (more.length > 0) answer.numbers = answer.numbers.concat(more);
      answer.looked = candidates.length;
    }
    this.#keep(key, answer);
    return answer.numbers;
  }

  /** Puts it behind all others, of which the first are given up. */
  #keep(key: string, answer: Answer): void {
    this.#answers.set(key, answer);
    this.#held += answer.numbers.length + 1;
    for (const [oldest, old] of this.#answers) {
      if (this.#held <= MOST_NUMBERS) return;
      this.#forget(oldest, old);
    }
  }

  #forget(key: string, { numbers }: Answer): void {
    this.#answers.delete(key);
    this.#held -= numbers.length + 1;
  }
}
