import { afterEach, expect, it } from 'vitest';
import { join } from 'node:path';
import { Database } from './duck.ts';
import { temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
afterEach(() => folder.remove());

it('answers only what satisfies the conditions, though rows are committed between planning and running', async () => {
  const database = await Database.open({
    file: join(folder.path, 'a.duckdb'),
    memory: 64 * 1024 ** 2,
    threads: 1,
    spill: join(folder.path, 'tmp'),
  });
  await database.run('create table t(source uinteger, ts bigint); insert into t values (1, 10)');
  const connection = await database.connect();
  const planned = await connection.prepare('select ts from t where ts between 0 and 10 and source in (1)');
  await database.run('insert into t values (2, 20)');
  const rows = (await planned.runAndReadAll()).getRows();
  connection.closeSync();
  database.close();
  expect(rows).toEqual([[10n]]);
});
