import { describe, expect, it } from 'vitest';
import type { SeriesLayout } from '../model/sample.ts';
import { SeriesRegistry } from './registry.ts';
import { layoutOf } from './testing.ts';

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
});
