import type { Matcher } from '../../model/matcher.ts';

/** Bytes that all answers together may take. */
const MOST_BYTES = 32 * 1024 ** 2;

/** About what an answer takes beside its numbers and the text of its matchers. */
const ANSWER_BYTES = 400;

/** A number takes 8 bytes, and as much in the list of labels that is kept by the answer. */
const NUMBER_BYTES = 16;

interface Answer {
  /** Weak, or answers that nobody asks for again would keep lists that were replaced. */
  readonly candidates: WeakRef<readonly number[]>;
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
  #bytes = 0;

  /** About what the answers take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The candidates that `filter` keeps: a list that nobody writes to, and the same one as long as no more are found. */
  of(
    matchers: readonly Matcher[],
    candidates: readonly number[],
    filter: (candidates: readonly number[]) => readonly number[],
  ): readonly number[] {
    const key = JSON.stringify(matchers);
    const known = this.#answers.get(key);
    const holds = known !== undefined && known.candidates.deref() === candidates;
    const answer = holds ? known : { candidates: new WeakRef(candidates), looked: 0, numbers: [] };
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
    this.#bytes += sizeOf(key, answer);
    for (const [oldest, old] of this.#answers) {
      if (this.#bytes <= MOST_BYTES) return;
      this.#forget(oldest, old);
    }
  }

  #forget(key: string, answer: Answer): void {
    this.#answers.delete(key);
    this.#bytes -= sizeOf(key, answer);
  }
}

function sizeOf(key: string, { numbers }: Answer): number {
  return ANSWER_BYTES + 2 * key.length + NUMBER_BYTES * numbers.length;
}
