import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { nodeSchema } from './config.ts';
import { createNodePage } from './index.ts';
import { readProc } from './proc-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'crowsnest-proc-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a pipe that nobody writes to reads as empty, and does not hold the process', () => {
  execFileSync('mkfifo', [join(folder, 'loadavg')]);
  expect(readProc(join(folder, 'loadavg'))).toBe('');
});

test('a pipe among the text files costs its own metrics only', async () => {
  for (let i = 0; i < 5; i++) execFileSync('mkfifo', [join(folder, `${i}.prom`)]);
  const config = nodeSchema.parse({ subjects: ['textfile', 'uname'], textfile_directory: folder });
  const page = (await createNodePage(config)()).toString();
  expect(page).toContain('node_uname_info');
});

test('a file without an end is refused', () => {
  expect(() => readProc('/dev/zero')).toThrow('/dev/zero: longer than 16777216 bytes');
});
