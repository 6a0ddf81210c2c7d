import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ManualClock } from '../time/clock.ts';
import { FileWatch } from './file-watch.ts';

test('a change is reported once, when the files have settled; new and removed files count', async () => {
  const clock = new ManualClock();
  const files = new Map([['a', 'one']]);
  let changes = 0;
  const watch = new FileWatch({
    files: async () => [...files.keys()],
    facts: async (path) => files.get(path) ?? 'absent',
    interval: 1000,
    clock,
    onChange: async () => void changes++,
  });
  await watch.start();
  await clock.advance(3000);
  expect(changes).toBe(0);

  files.set('a', 'two');
  await clock.advance(1000);
  files.set('a', 'three');
  await clock.advance(1000);
  expect(changes).toBe(0);
  await clock.advance(1000);
  expect(changes).toBe(1);
  await clock.advance(3000);
  expect(changes).toBe(1);

  files.set('b', 'new');
  await clock.advance(2000);
  expect(changes).toBe(2);
  files.delete('b');
  await clock.advance(2000);
  expect(changes).toBe(3);
  await watch.stop();
});

test('a file that is written again is a change', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'file-watch-'));
  const path = join(folder, 'a');
  writeFileSync(path, 'one');
  const changed = vi.fn(async () => {});
  const watch = new FileWatch({ files: async () => [path], interval: 10, onChange: changed });
  await watch.start();
  writeFileSync(path, 'two');
  utimesSync(path, 1, 1);
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), 10_000);
  await watch.stop();
  rmSync(folder, { recursive: true });
});
