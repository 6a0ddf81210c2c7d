import { compileMatch, setOfLiterals } from '../../lib/text/match.ts';
import type { StringTest } from '../../lib/text/match.ts';
import type { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { KnownMatches } from './known-matches.ts';
import { SlowPatterns } from './slow-patterns.ts';

/** What matching asks of the registry. */
export interface SeriesIndex {
  readonly size: number;
  readonly bound: number;
  numbers(): Iterable<number>;
  labelsOf(number: number): Labels;
  valuesOf(name: string): ReadonlyMap<string, readonly number[]>;
}

interface TestedMatcher {
  readonly name: string;
  readonly test: StringTest;
  /** The only values that satisfy it, where they are known. */
  readonly words: Iterable<string> | undefined;
  /** About how many series and values must be looked at. */
  readonly cost: number;
}

/**
 * Finds series by matchers: the matcher that leaves fewest series is looked up by its values, the others look at what it
 * leaves.
 */
export class SeriesMatching {
  readonly #index: SeriesIndex;
  readonly #known = new KnownMatches();
  readonly #slow = new SlowPatterns();

  constructor(index: SeriesIndex) {
    this.#index = index;
  }

  /** Tests slow patterns in slices, so that `match` need not do it in one go. @throws {Error} for a regular expression that is none. */
  async prepare(matchers: readonly Matcher[], signal?: AbortSignal): Promise<void> {
    await this.#slow.answer(matchers, (name) => this.#index.valuesOf(name).keys(), signal);
  }

  /** The numbers of the series that satisfy all matchers. @throws {Error} for a regular expression that is none. */
  match(matchers: readonly Matcher[]): readonly number[] {
    const tests = matchers.map((matcher) => this.#tested(matcher));
    tests.sort((a, b) => a.cost - b.cost);
    // Only one that refuses the empty value can be answered from the postings: they know nothing of series without the label.
    const first = tests.find(({ test }) => !test(''));
    const others = tests.filter((tested) => tested !== first);
    const filter = (candidates: readonly number[]) =>
      others.reduce((left, tested) => this.#filtered(left, tested), candidates);
    if (first === undefined) return filter([...this.#index.numbers()]);
    const [word, ...further] = first.words ?? [];
    const list = further.length === 0 ? this.#index.valuesOf(first.name).get(word) : undefined;
    return list === undefined ? filter(this.#having(first)) : this.#known.of(matchers, list, filter);
  }

  /** Equality first, then alternatives of words, each by the series they leave; what must try every value comes last. */
  #tested(matcher: Matcher): TestedMatcher {
    const { name, op, value } = matcher;
    const test = this.#slow.testOf(matcher) ?? compileMatch(op, value);
    const byValue = this.#index.valuesOf(name);
    const words = op === '=' ? [value] : op === '=~' ? setOfLiterals(value) : undefined;
    if (words === undefined) return { name, test, words, cost: this.#index.bound + byValue.size };
    let cost = 0;
    for (const word of words) cost += byValue.get(word)?.length ?? 0;
    return { name, test, words, cost };
  }

  #having({ name, words, test }: TestedMatcher): number[] {
    const byValue = this.#index.valuesOf(name);
    const found: number[] = [];
    for (const value of words ?? byValue.keys()) {
      if (words === undefined && !test(value)) continue;
      for (const number of byValue.get(value) ?? []) found.push(number);
    }
    return found;
  }

  /** Few candidates are looked at one by one; for many each value of the label is tested once and its series are marked. */
  #filtered(candidates: readonly number[], { name, test }: TestedMatcher): number[] {
    const byValue = this.#index.valuesOf(name);
    if (candidates.length < byValue.size || candidates.length < this.#index.size / 16) {
      const answers = new Map<string, boolean>();
      return candidates.filter((number) => {
        const value = this.#index.labelsOf(number).get(name);
        let answer = answers.get(value);
        if (answer === undefined) answers.set(value, (answer = test(value)));
        return answer;
      });
    }
    const without = test('') ? 1 : 0;
    const keep = new Uint8Array(this.#index.bound).fill(without);
    for (const [value, numbers] of byValue) {
      const answer = test(value) ? 1 : 0;
      if (answer !== without) for (const number of numbers) keep[number] = answer;
    }
    const kept: number[] = [];
    for (const number of candidates) if (keep[number] === 1) kept.push(number);
    return kept;
  }
}
