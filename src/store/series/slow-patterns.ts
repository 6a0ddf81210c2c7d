import { compileMatch } from '../../lib/text/match.ts';
import type { StringTest } from '../../lib/text/match.ts';
import { TimeSlice } from '../../lib/time/time-slice.ts';
import type { Matcher } from '../../model/matcher.ts';

/** Values that tell whether a pattern is slow. */
const SAMPLE = 64;

/** Milliseconds over the sample beyond which it is. */
const SLOW_MS = 2;

/** Patterns whose answers are kept, and patterns that are known to be quick. */
const MOST_SLOW = 8;
const MOST_QUICK = 4096;

/**
 * Regular expressions that cost so much per value (RE2 needs milliseconds for thousands of states) that testing all values
 * of a label in one go would hold the event loop for minutes. These are tested in slices, before the series are matched.
 */
export class SlowPatterns {
  readonly #answered = new Map<string, StringTest>();
  readonly #quick = new Set<string>();

  /** The test of a matcher whose answers are known. */
  testOf(matcher: Matcher): StringTest | undefined {
    return this.#answered.get(keyOf(matcher));
  }

  /** Answers what is slow among the matchers. @throws {unknown} the reason of `signal`, where that aborts meanwhile. */
  async answer(
    matchers: readonly Matcher[],
    valuesOf: (name: string) => Iterable<string>,
    signal?: AbortSignal,
  ): Promise<void> {
    for (const matcher of matchers) {
      const key = keyOf(matcher);
      if (matcher.op === '=' || matcher.op === '!=' || this.#quick.has(key)) continue;
      const test = this.#answered.get(key) ?? remembering(compileMatch(matcher.op, matcher.value));
      if (isQuick(test, valuesOf(matcher.name)) && !this.#answered.has(key)) {
        if (this.#quick.size >= MOST_QUICK) this.#quick.clear();
        this.#quick.add(key);
        continue;
      }
      const slice = new TimeSlice();
      for (const value of valuesOf(matcher.name)) {
        test(value);
        if (!slice.due) continue;
        await slice.pause();
        signal?.throwIfAborted();
      }
      this.#keep(key, test);
    }
  }

  #keep(key: string, test: StringTest): void {
    this.#answered.delete(key);
    this.#answered.set(key, test);
    for (const oldest of this.#answered.keys()) {
      if (this.#answered.size <= MOST_SLOW) break;
      this.#answered.delete(oldest);
    }
  }
}

function isQuick(test: StringTest, values: Iterable<string>): boolean {
  const start = performance.now();
  let tested = 0;
  for (const value of values) {
    test(value);
    if (performance.now() - start > SLOW_MS) return false;
    if (++tested === SAMPLE) break;
  }
  return true;
}

function remembering(test: StringTest): StringTest {
  const answers = new Map<string, boolean>();
  return (text) => {
    let answer = answers.get(text);
    if (answer === undefined) answers.set(text, (answer = test(text)));
    return answer;
  };
}

function keyOf({ name, op, value }: Matcher): string {
  return `${name}${op}${value}`;
}
