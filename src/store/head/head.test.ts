import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Database } from '../duck.ts';
import { Head } from './head.ts';
import { temporaryFolder } from '../testing.ts';

it('a head that could not be opened again for reading is readable once that works', async () => {
  const folder = temporaryFolder();
  const [heads, away, spill] = ['heads', 'away', 'tmp'].map((name) => join(folder.path, name));
  for (const path of [heads, spill]) mkdirSync(path);
  const database = await Database.open({ file: join(folder.path, 'main'), memory: 64 * 1024 ** 2, threads: 1, spill });
  const head = await Head.create(database, join(heads, 'head-000001.duckdb'), 'head-000001', 1234);
  renameSync(heads, away);
  await expect(head.makeReadOnly(database)).rejects.toThrow('head-000001');
  renameSync(away, heads);
  await head.makeReadOnly(database);
  expect(await database.rows(`select created::integer as created from ${head.alias}.about`)).toEqual([
    { created: 1234 },
  ]);
  await head.destroy(database);
  database.close();
  folder.remove();
});
