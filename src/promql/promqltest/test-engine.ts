import { createEngine } from '../engine.ts';
import { parse } from '../syntax/parse.ts';
import { print } from '../text/print.ts';
import type { TestEngine } from './run.ts';
import type { Command } from './script.ts';
import { load } from './load.ts';
import { MemoryStore } from './memory-store.ts';
import { pin } from './pin.ts';

/** As Prometheus' own runner of test scripts sets its engine up. */
export function engineOver(store: MemoryStore): TestEngine {
  const engine = createEngine({
    select: store.select,
    selectNewest: store.selectNewest,
    limits: { maxSamples: 10_000 },
    features: { 'promql-delayed-name-removal': true, 'use-start-timestamps': true },
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
export function storeAfter(commands: readonly Command[]): MemoryStore {
  const store = new MemoryStore();
  const cleared = commands.findLastIndex(({ kind }) => kind === 'clear');
  for (const command of commands.slice(cleared + 1)) if (command.kind === 'load') load(command, store);
  return store;
}
