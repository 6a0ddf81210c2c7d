import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { runEval } from './promqltest/run.ts';
import { parseScript } from './promqltest/script.ts';
import { engineOver, storeAfter } from './promqltest/test-engine.ts';

// The language tested in the language: what the scripts of Prometheus leave open.
const folder = join(import.meta.dirname, 'testdata');

describe.each(readdirSync(folder))('%s', (file) => {
  const commands = parseScript(readFileSync(join(folder, file), 'utf8'));
  commands.forEach((command, i) => {
    if (command.kind !== 'eval') return;
    test(`line ${command.line}: ${command.text}`, () => runEval(command, engineOver(storeAfter(commands.slice(0, i)))));
  });
});
