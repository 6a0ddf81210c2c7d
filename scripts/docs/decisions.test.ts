import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decisionsPage } from './decisions.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'decisions');

test('the index of decisions lists every record, each with date, status, decision, reason and price', () => {
  const index = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  expect(index, 'npm run docs').toBe(decisionsPage());
  for (const file of readdirSync(FOLDER).filter((name) => name !== 'README.md')) expect(index).toContain(`](${file})`);
});
