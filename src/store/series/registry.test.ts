import { describe, expect, it } from 'vitest';
import { compileMatch } from '../../lib/text/match.ts';
import { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { SeriesLayout } from '../../model/sample.ts';
import { SeriesRegistry } from './registry.ts';
import { layoutOf } from '../testing.ts';

function numbersOf(registry: SeriesRegistry, layout: SeriesLayout): number[] {
  const work = registry.resolve(layout, () => true);
  for (;;) {
    const step = work.next();
    if (step.done === true) return [...step.value];
  }
}

describe('the registry', () => {
  it('finds the numbers of a layout anew only after one of its series was removed', () => {
    const registry = new SeriesRegistry();
    const kept = layoutOf({ a: '1' }, { a: '2' });
    const partly = layoutOf({ a: '2' }, { a: '3' });
    expect([numbersOf(registry, kept), numbersOf(registry, partly)]).toEqual([[0, 1], [1, 2]]); // prettier-ignore
    registry.remove([2]);
    expect([kept, partly].map((layout) => registry.isResolved(layout))).toEqual([true, false]);
    expect(numbersOf(registry, layoutOf({ other: 'x' }))).toEqual([2]);
    expect([numbersOf(registry, kept), numbersOf(registry, partly)]).toEqual([[0, 1], [1, 3]]); // prettier-ignore
    expect(registry.labelsOf(3).get('a')).toBe('3');
    registry.remove([1]);
    expect([kept, partly].map((layout) => registry.isResolved(layout))).toEqual([false, false]);
  });

  it('finds the same as a look at every series does, asked again and again while series come and go', () => {
    const registry = new SeriesRegistry();
    const questions: Matcher[][] = [
      [{ name: 'm', op: '=', value: 'm1' }, { name: 'a', op: '!=', value: '' }],
      [{ name: 'm', op: '=', value: 'm1' }, { name: 'a', op: '=~', value: '[0-4]' }, { name: 'b', op: '!~', value: '1|2' }],
      [{ name: 'm', op: '=', value: 'm0' }, { name: 'b', op: '=', value: '' }],
    ]; // prettier-ignore
    const passes = (number: number) => (matcher: Matcher) =>
      compileMatch(matcher.op, matcher.value)(registry.labelsOf(number).get(matcher.name));
    let random = 1;
    const next = (below: number) => (random = (random * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 200; round++) {
      const labels = { m: `m${next(2)}`, a: `${next(9)}`, ...(next(3) > 0 && { b: `${next(4)}` }), id: `${next(30)}` };
      registry.add(Labels.of(labels));
      if (round % 7 === 6) registry.remove([...registry.numbers()].filter(() => next(5) === 0));
      for (const matchers of questions) {
        const expected = [...registry.numbers()].filter((number) => matchers.every(passes(number)));
        expect([...registry.match(matchers)].sort((x, y) => x - y)).toEqual(expected);
      }
    }
  });
});
