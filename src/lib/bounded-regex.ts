import { RE2JS } from 're2js';

/** What a Unicode class costs, in characters: its program has hundreds of ranges. */
const UNICODE_CLASS = 100;

/** About a quarter of a second of compiling, at worst. */
const MAX_COST = 50_000;

/**
 * Roughly how large the program of a pattern is, in steps: its characters, times what repeats make of them. RE2 refuses more
 * than 1000 repeats of anything, nested ones counted together.
 */
export function regexCost(pattern: string): number {
  const classes = pattern.match(/\\[pP]/g)?.length ?? 0;
  let repeats = 1;
  for (const [, low, high] of pattern.matchAll(/\{(\d{1,4})(?:,(\d{0,4}))?\}/g))
    repeats = Math.max(repeats, Math.min(1000, Number(low)), Math.min(1000, Number(high ?? 0)));
  return (pattern.length + classes * UNICODE_CLASS) * repeats;
}

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
