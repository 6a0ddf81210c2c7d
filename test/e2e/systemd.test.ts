import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/commands/program.ts';

const UNIT = join(import.meta.dirname, '..', '..', 'deploy', 'systemd', 'crowsnest@.service');
const text = readFileSync(UNIT, 'utf8');

test('the unit starts a command that exists, with options that it has', () => {
  const words = /^ExecStart=\/usr\/bin\/env crowsnest (.*)$/m.exec(text)?.[1].split(' ') ?? [];
  expect(words[0]).toBe('%i');
  const named = /crowsnest@(\w+)/g;
  const instances = new Set([...text.matchAll(named)].map(([, name]) => name));
  expect([...instances].sort()).toEqual(['agent', 'alerts', 'cluster', 'server', 'up']);
  for (const instance of instances) {
    const command = createProgram().commands.find((one) => one.name() === instance);
    const flags = command?.options.map(({ long }) => long);
    expect(words.filter((word) => word.startsWith('--')).every((flag) => flags?.includes(flag))).toBe(true);
  }
});

test('a stop and a reload are what the program knows', () => {
  expect(text).toMatch(/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1])).toBeGreaterThan(10);
});

test.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)(
  'systemd has nothing to say against the unit',
  () => {
    const { stderr } = spawnSync('systemd-analyze', ['verify', UNIT], { encoding: 'utf8' });
    // What it finds in units of the machine is no fault of this one.
    expect(stderr.split('\n').filter((line) => line.includes('crowsnest@'))).toEqual([]);
  },
);
