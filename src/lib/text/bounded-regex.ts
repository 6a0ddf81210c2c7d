import { RE2JS } from 're2js';

/** What a Unicode class costs, in characters: its program has hundreds of ranges. */
const UNICODE_CLASS = 100;

/** About a quarter of a second of compiling, at worst. */
const MAX_COST = 50_000;

/** Beyond every limit, and a number that still reads well. */
const HUGE = 1e12;

/**
 * Roughly how large the program of a pattern is, in steps: its characters, where each repeat copies what it repeats, so that
 * repeats inside each other multiply. Takes one pass over the pattern; one that is not valid has a cost too. A pattern longer
 * than {@link MAX_COST} costs its length at least, and is not looked at.
 */
export function regexCost(pattern: string): number {
  // The pass keeps what it may have to take back, so that it is for patterns of some length only.
  if (pattern.length > MAX_COST) return pattern.length;
  const outer: number[] = [];
  let total = 0;
  /** The part that a repeat behind it would copy; it is within `total` already. */
  let part = 0;
  for (const [token, low, high] of pattern.matchAll(TOKEN)) {
    if (token === '(') {
      outer.push(total);
      total = part = 1;
    } else if (token === ')') {
      part = total + 1;
      total = Math.min(HUGE, part + (outer.pop() ?? 0));
    } else if (low !== undefined) {
      const copies = Math.max(1, Number(low), Number(high ?? 0));
      total = Math.min(HUGE, total + part * (copies - 1));
      part = Math.min(HUGE, part * copies);
    } else if ('*+?'.includes(token)) {
      part++;
      total++;
    } else {
      part = token.length + (token.match(/\\[pP]/g)?.length ?? 0) * UNICODE_CLASS;
      total += part;
    }
  }
  return outer.reduce((sum, one) => Math.min(HUGE, sum + one), total);
}

/**
 * Text between \Q and \E; an escape, with the braces of \pL, \p{Greek}, \x{1F600}; a class, in which a first `]` is itself; a
 * repeat; any other character. A class without its end reaches to the end of the pattern, which is not valid then.
 */
const TOKEN =
  /\\Q[^]*?(?:\\E|$)|\\[pPx]\{[^{}]{0,64}\}|\\[^]|\[\^?\]?(?:\[:\^?[a-z]{1,16}:\]|\\[^]|[^\]\\])*(?:\]|$)|\{(\d{1,4})(?:,(\d{0,4}))?\}|[^]/g;

/**
 * Compiles an RE2 pattern, so that matching is linear, and refuses one that would take long to compile: the time grows faster than
 * the pattern, and nothing else runs meanwhile.
 * @throws {Error} with RE2's own words, or that the pattern is too large.
 */
export function compileRegex(pattern: string): RE2JS {
  const cost = regexCost(pattern);
  if (cost > MAX_COST)
    throw new Error(
      `error parsing regexp: expression is too large: ${pattern.length} characters that make about ${cost} steps, of at most ${MAX_COST}`,
    );
  return RE2JS.compile(pattern);
}
