import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RotatingFile } from './rotating-file.ts';

test('a rotating file keeps two files at most and the newest lines in the first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crowsnest-log-'));
  const file = new RotatingFile(join(folder, 'x.log'), 10);
  for (const line of ['one\n', 'two\n', 'three\n', 'four\n', 'five\n', 'six\n', 'seven\n']) file.write(line);
  expect(readdirSync(folder).sort()).toEqual(['x.log', 'x.log.1']);
  expect(readFileSync(join(folder, 'x.log'), 'utf8')).toBe('six\nseven\n');
  expect(readFileSync(join(folder, 'x.log.1'), 'utf8')).toBe('four\nfive\n');
  rmSync(folder, { recursive: true });
});
