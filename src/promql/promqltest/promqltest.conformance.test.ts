import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { describeWithShared } from '../../lib/testing/shared.ts';
import { PROMQLTEST } from '../testing/conformance.ts';
import { runEval } from './run.ts';
import { readScript } from './script.ts';
import { engineOver, storeAfter } from './test-engine.ts';

describeWithShared(PROMQLTEST, 'PromQL test scripts', (folder) => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.test'))) {
    const read = readScript(readFileSync(join(folder, file), 'utf8'));
    for (const { line, text, error } of read.filter((command) => command.kind === 'unreadable')) {
      test(`${file}:${line} ${text} can be read`, () => {
        throw error;
      });
    }
    const commands = read.filter((command) => command.kind !== 'unreadable');
    commands.forEach((command, i) => {
      if (command.kind !== 'eval') return;
      test(`${file}:${command.line} ${command.text}`, async () => {
        await runEval(command, engineOver(storeAfter(commands.slice(0, i))));
      });
    });
  }
});
