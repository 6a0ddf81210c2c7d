import { expect, test } from 'vitest';
import { type ShownRule, whyOf } from './explain-rule.ts';
import { ruleValues } from './rule-values.ts';

const RULE: ShownRule = {
  name: 'A', type: 'alerting', query: 'x{code="500"} > 30', duration: 60, state: 'inactive', health: 'ok', lastEvaluation: '', alerts: [],
}; // prettier-ignore

/** A Prometheus that has answers for these queries, and nothing for all others. */
function asked(answers: Readonly<Record<string, readonly string[]>>) {
  return async (query: string) => ({
    resultType: 'vector',
    result: (answers[query] ?? []).map((value, i) => ({ metric: { i: String(i) }, value: [0, value] })),
  });
}

test.each([
  ['a selector without series, with the matcher that leaves all out', 'x{code="500"} > 30', { 'count(x)': ['3'] },
    'x{code="500"} matches no series; without code="500" it matches 3'],
  ['values below the limit', 'x > 30', { 'count(x)': ['2'], x: ['5', '29'] },
    'none of the 2 series of x is > 30; the nearest is 29'],
  ['values above the limit', 'x < 3', { 'count(x)': ['2'], x: ['5', '29'] },
    'none of the 2 series of x is < 3; the nearest is 5'],
  ['labels that do not match', 'x > 1 and y > 2', { 'count(x)': ['1'], 'count(y)': ['1'], x: ['5'], y: ['5'], '(x) > 1': ['5'], '(y) > 2': ['5'] },
    'each condition is met by some series, but not by series whose labels match'],
  ['nothing to compare', 'absent(x)', { 'count(x)': ['1'] }, 'the expression returns no series'],
  ['results that no evaluation has seen', 'x > 1', { 'count(x)': ['1'], x: ['5'], 'x > 1': ['5'], '(x) > 1': ['5'] },
    'the expression returns 1 series now: the next evaluation sees it'],
])('a rule that does not fire because of %s', async (_, query, answers, why) => {
  expect(whyOf({ ...RULE, query }, await ruleValues(query, asked(answers)))).toBe(why);
}); // prettier-ignore

test.each([
  [{ health: 'err', lastError: 'boom' }, 'the last evaluation failed: boom'],
  [{ health: 'unknown' }, 'it was not evaluated yet'],
  [{ state: 'firing' as const, alerts: [{ state: 'firing', activeAt: '' }] }, '1 series met it for long enough'],
])('the state %j has its reason', async (state, why) => {
  expect(whyOf({ ...RULE, ...state }, await ruleValues('x > 1', asked({})))).toBe(why);
});

test('a pending rule says when it can fire', async () => {
  const alerts = [{ state: 'pending', activeAt: new Date(Date.now() - 10_000).toISOString() }];
  const why = whyOf({ ...RULE, state: 'pending', alerts }, await ruleValues('x > 1', asked({})));
  expect(why).toMatch(/^1 series met it since \d+s; it fires in \d+s at the earliest, after 1m in all$/);
});

test('a server that cannot evaluate is the reason that is given', async () => {
  const result = await ruleValues('x > 1', () => Promise.reject(new Error('this crowsnest has no store of series')));
  expect(whyOf(RULE, result)).toBe('its values cannot be asked for: this crowsnest has no store of series');
});

test('values are listed with the nearest to the limit first', async () => {
  const { conditions } = await ruleValues('x < 3', asked({ x: ['9', '4', '7'] }));
  expect(conditions[0].values.map(({ value }) => value)).toEqual(['4', '7', '9']);
});
