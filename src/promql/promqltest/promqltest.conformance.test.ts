import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { runEval } from './run.ts';
import { readScript } from './script.ts';
import { engineOver, storeAfter } from './test-engine.ts';

// The scripts of Prometheus itself, read where they lie: none of them is part of this project.
const folder =
  process.env.CROWSNEST_PROMQLTEST ?? join(import.meta.dirname, '../../../../shared/conformance/promqltest');
const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.test')) : [];

describe.skipIf(files.length === 0)('PromQL test scripts', () => {
  for (const file of files) {
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
