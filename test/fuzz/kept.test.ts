import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fuzzCase } from './mutate.ts';
import { TARGETS } from './targets/index.ts';

const KEPT = join(import.meta.dirname, 'kept');

describe.each(readdirSync(KEPT))('%s', (name) => {
  test.each(readdirSync(join(KEPT, name)))('takes or refuses %s, which was once a fault', async (file) => {
    const target = await TARGETS[name]();
    const open = await target.open();
    try {
      await expect(open.run(readFileSync(join(KEPT, name, file)))).resolves.toBeUndefined();
    } finally {
      await open.close();
    }
  });
});

test('a case is the same for the same seed and number, and others are not', () => {
  const of = (seed: number, index: number) => fuzzCase(seed, index, ['a seed of some length'], ['word']).toString();
  expect(of(1, 7)).toBe(of(1, 7));
  expect(new Set(Array.from({ length: 50 }, (_, index) => of(1, index))).size).toBeGreaterThan(25);
});
