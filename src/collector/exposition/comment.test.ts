import { expect, test } from 'vitest';
import { MetadataTable } from './comment.ts';

test('HELP, TYPE and UNIT of a metric come together, and only once', () => {
  const table = new MetadataTable();
  for (const line of [
    '# HELP a_seconds Time\\nspent \\\\ here.',
    '# TYPE a_seconds counter',
    '# UNIT a_seconds seconds',
    '#   TYPE "b.c" untyped',
    '# HELP d',
    '# a word to the reader',
    '# EOF',
  ])
    table.readComment(line);
  expect(table.takeChanged()).toEqual([
    { metric: 'a_seconds', type: 'counter', unit: 'seconds', help: 'Time\nspent \\ here.' },
    { metric: 'b.c', type: 'unknown', unit: '', help: '' },
    { metric: 'd', type: 'unknown', unit: '', help: '' },
  ]);
  table.readComment('# TYPE a_seconds counter');
  expect(table.takeChanged()).toEqual([]);
  table.readComment('# TYPE a_seconds gauge');
  expect(table.takeChanged()).toMatchObject([{ metric: 'a_seconds', type: 'gauge', unit: 'seconds' }]);
});

test('a page with other families at each scrape fills no memory', () => {
  const table = new MetadataTable();
  for (let i = 0; i < 25_000; i++) table.readComment(`# TYPE a${i} counter`);
  expect(table.all().length).toBeLessThanOrEqual(20_000);
  expect(table.all().at(-1)?.metric).toBe('a24999');
});
