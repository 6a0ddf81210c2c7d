import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../syntax/functions-table.ts';
import { parse } from '../syntax/parse.ts';
import { VALID } from '../testing/expressions.ts';
import { explain } from './explain.ts';
import { FUNCTION_WORDS } from './function-words.ts';
import { labelFlow } from './label-flow.ts';
import { renderExplanation, renderLabels } from './render.ts';

test('an explanation names each step, the labels, the cost and what looks odd', () => {
  const text =
    'sum by (job) (rate(errors{env=~"prod"}[20s] offset 1w)) / on (job) group_left (team) sum by (job, team) (up) > 0.5';
  expect(renderExplanation(explain(parse(text), { range: 3_600_000, step: 60_000 }))).toBe(
    `sum by (job) (rate(errors{env=~"prod"}[20s] offset 1w)) / on (job) group_left (team) sum by (job, team) (up) > 0.5

Gives: instant vector

Steps:
  1. the samples of the last 20s of each series of errors where env matches /prod/, 1w earlier
  2. rate: growth per second of a counter, averaged over the range, resets taken into account
  3. sum: values added up, for each job
  4. the newest sample of each series of up
  5. sum: values added up, for each job, team
  6. /: left divided by right; partners are found by job, many on the left to one on the right, taking team from the one; series without one are left out  [of 3 and 5]
  7. >: left greater than right (right is 0.5); series for which it does not hold are left out

Labels: only job, team
Cost: 2 selectors, about 502 samples read per series, 183 samples gone through in 61 evaluations, data from 7d20s before the start

Look again:
  - rate is for counters, and errors might not be one: its name does not end in _total, _sum, _count or _bucket
  - rate needs two samples, and 20s rarely holds two at one every 15s
  - env=~"prod" is no pattern; = says the same`,
  );
});

describe('the labels of the result', () => {
  test.each([
    ['time()', 'none'],
    ['1 + 2', 'none'],
    ['vector(1)', 'none'],
    ['up{job="a", x=""}', 'all of the series but x; among them job="a", __name__="up"'],
    ['{job=~".+", x=~".*"}', 'all of the series; among them job'],
    ['rate(up{job="a"}[5m])', 'all of the series but __name__; among them job="a"'],
    ['last_over_time(up[5m])', 'all of the series; among them __name__="up"'],
    ['-up', 'all of the series but __name__'],
    ['up > 0', 'all of the series; among them __name__="up"'],
    ['up > bool 0', 'all of the series but __name__'],
    ['2 * up', 'all of the series but __name__'],
    ['sum(up)', 'none'],
    ['sum by (job, zone) (up{job="a"})', 'only job="a", zone'],
    ['sum by (zone) (sum by (job) (up))', 'none'],
    ['sum without (job) (up{job="a"})', 'all of the series but job, __name__'],
    ['topk(3, up)', 'all of the series; among them __name__="up"'],
    ['count_values("v", up)', 'only v'],
    ['absent(up{job="a", x!="y"})', 'only job="a"'],
    ['histogram_quantile(0.9, up)', 'all of the series but __name__, le'],
    ['label_replace(up{a="b"}, "a", "c", "", "")', 'all of the series; among them a, __name__="up"'],
    ['a * on (job) b', 'only job'],
    ['a * ignoring (job) b', 'all of the series but job, __name__'],
    ['a * on (job) group_left (team) b', 'all of the series but __name__; among them team'],
    ['sum by (x) (a) * on (job) group_right b{x="y"}', 'all of the series but __name__; among them x="y"'],
    ['a{x="y", z="1"} or b{x="y", z="2"}', 'all of the series; among them x="y", z, __name__'],
    ['a and b', 'all of the series; among them __name__="a"'],
  ])('%s: %s', (text, labels) => {
    expect(renderLabels(labelFlow(parse(text)))).toBe(labels);
  });
});

describe('the cost', () => {
  test.each([
    ['1', { selectors: 0, samplesVisited: 0, reach: 0 }],
    ['up', { selectors: 1, samplesVisited: 1, reach: 300_000 }],
    ['rate(up[1h] offset 1h)', { selectors: 1, samplesPerSeries: 240, samplesVisited: 240, reach: 7_200_000 }],
    ['max_over_time(rate(up[5m])[1h:30s])', { samplesPerSeries: 260, samplesVisited: 20 * 120, reach: 3_900_000 }],
    ['max_over_time(rate(up[5m])[1h:])', { samplesVisited: 20 * 60 }],
    ['rate(up[1m * 2 + step() - 15])', { samplesVisited: 8, reach: 120_000 }],
  ])('of %s', (text, part) => {
    expect(explain(parse(text)).cost).toMatchObject(part);
  });
});

test.each(VALID)('%s can be explained', (text) => {
  const { steps } = explain(parse(text));
  expect(steps.map(({ words }) => words).filter((words) => words.includes('undefined'))).toEqual([]);
});

test('there are words for every function', () => {
  expect(Object.keys(FUNCTION_WORDS).sort()).toEqual([...FUNCTIONS.keys()].sort());
});
