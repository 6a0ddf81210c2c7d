import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { ManualClock } from './clock.ts';
import { FileWatch } from './file-watch.ts';

const folder = mkdtempSync(join(tmpdir(), 'file-watch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a change is reported once, when the files have settled; new and removed files count', async () => {
  const clock = new ManualClock();
  let changes = 0;
  let looks = 0;
  const files = async () => {
    looks++;
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  };
  const watch = new FileWatch({ files, interval: 1000, clock, onChange: async () => void changes++ });
  const look = async () => {
    const before = looks;
    await vi.waitFor(() => {
      if (looks === before) void clock.advance(1000);
      expect(looks).toBe(before + 1);
    });
    // The tick ends when the next one is set.
    await new Promise((resolve) => setImmediate(resolve));
    await vi.waitFor(() => expect(looks).toBe(before + 1));
  };
  const write = (name: string, text: string, at: number) => {
    writeFileSync(join(folder, name), text);
    utimesSync(join(folder, name), at, at);
  };

  write('a', 'one', 1);
  await watch.start();
  await look();
  await look();
  expect(changes).toBe(0);

  write('a', 'two', 2);
  await look();
  write('a', 'three', 3);
  await look();
  expect(changes).toBe(0);
  await vi.waitFor(async () => {
    await look();
    expect(changes).toBe(1);
  });

  write('b', 'new', 4);
  await look();
  await vi.waitFor(async () => {
    await look();
    expect(changes).toBe(2);
  });
  rmSync(join(folder, 'b'));
  await look();
  await vi.waitFor(async () => {
    await look();
    expect(changes).toBe(3);
  });
  await watch.stop();
});
