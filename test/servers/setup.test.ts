import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from './process.ts';
import { recipes } from './catalog.ts';

const root = join(import.meta.dirname, '../..');
const cache = temporaryFolder();
afterAll(() => rmSync(cache, { recursive: true, force: true }));

/** With an empty cache and a PATH that holds no tool. */
function setup(...args: string[]) {
  return spawnSync(process.execPath, [join(root, 'node_modules/tsx/dist/cli.mjs'), 'test/servers/setup.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: cache, HOME: cache, CROWSNEST_SERVERS: cache },
    timeout: 100_000,
  });
}

test('a server that was asked for by name and not had says what it lacks, and ends with 1', () => {
  const done = setup('etcd');
  expect(done.stdout).toContain('etcd 3.6.8: needs Go 1.26 or newer, which is not on the PATH');
  expect(done.status).toBe(1);
});

test('a name that is none is refused with those that are', () => {
  const done = setup('prometheuss');
  expect(done.stderr).toContain('no server named prometheuss; there are node_exporter, prometheus,');
  expect(done.status).toBe(2);
});

test('npm test goes on without the servers that cannot be had', () => {
  const done = setup('--for-tests');
  expect(done.stdout).toContain('prometheus 3.15.0 is not here, its tests are skipped');
  expect(done.status).toBe(0);
});

test('nothing that changes the machine is fetched unasked', () => {
  expect(recipes.filter(({ installs, quick }) => installs !== undefined && quick)).toEqual([]);
});
