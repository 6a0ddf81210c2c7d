import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { errnoMeaning } from './errno.ts';
import { makeFolder } from './make-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'make-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('makes what is missing, with its mode, and leaves what is there', () => {
  makeFolder(join(folder, 'a', 'b'), 0o700);
  makeFolder(join(folder, 'a', 'b'));
  expect(statSync(join(folder, 'a', 'b')).mode & 0o777).toBe(0o700);
});

test.each([
  ['below a file', () => join(folder, 'file', 'x'), 'is a file, expected a folder'],
  ['in place of a file', () => join(folder, 'file'), 'is a file, expected a folder'],
])('a folder %s is refused', (_, path, meaning) => {
  writeFileSync(join(folder, 'file'), '');
  let error: unknown;
  try {
    makeFolder(path());
  } catch (thrown) {
    error = thrown;
  }
  expect(errnoMeaning(error)).toBe(meaning);
  expect(error).toMatchObject({ path: join(folder, 'file') });
});

test.runIf(existsSync('/proc/self'))(
  'a folder that the file system refuses to make is an error and no endless loop',
  () => {
    expect(() => makeFolder('/proc/none/below')).toThrow(/ENOENT|EACCES|EROFS/);
  },
);
