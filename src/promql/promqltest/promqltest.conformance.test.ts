import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { createEngine } from '../engine.ts';
import { parse } from '../parse.ts';
import { print } from '../print.ts';
import type { TestEngine } from './run.ts';
import type { Command } from './script.ts';
import { load } from './load.ts';
import { MemoryStore } from './memory-store.ts';
import { pin } from './pin.ts';
import { runEval } from './run.ts';
import { parseScript } from './script.ts';

// The scripts of Prometheus itself, read where they lie: none of them is part of this project.
const folder =
  process.env.CROWSNEST_PROMQLTEST ?? join(import.meta.dirname, '../../../../shared/conformance/promqltest');
const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.test')) : [];

/** As Prometheus' own runner sets its engine up. */
function engineOver(store: MemoryStore): TestEngine {
  const engine = createEngine({
    select: store.select,
    limits: { maxSamples: 10_000 },
    features: { 'promql-delayed-name-removal': true },
  });
  const options = { maxAnnotations: 0 };
  return {
    instant: (expr, time) => engine.instant(expr, time, options),
    range: (expr, { start, end, step }) => engine.range(expr, start, end, step, options),
    pinned(expr, time) {
      const fixed = pin(parse(expr), time);
      return fixed && print(fixed);
    },
  };
}

/** The store as the commands up to an `eval` leave it, made anew so that each test stands alone. */
function storeAfter(commands: readonly Command[]): MemoryStore {
  const store = new MemoryStore();
  const cleared = commands.findLastIndex(({ kind }) => kind === 'clear');
  for (const command of commands.slice(cleared + 1)) if (command.kind === 'load') load(command, store);
  return store;
}

describe.skipIf(files.length === 0)('PromQL test scripts', () => {
  for (const file of files) {
    const commands = parseScript(readFileSync(join(folder, file), 'utf8'));
    commands.forEach((command, i) => {
      if (command.kind !== 'eval') return;
      test(`${file}:${command.line} ${command.text}`, async () => {
        await runEval(command, engineOver(storeAfter(commands.slice(0, i))));
      });
    });
  }
});
