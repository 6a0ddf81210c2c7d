/**
 * Benches of whole programs, as users run them: `npm run bench` lists them, `npm run bench -- NAME… [OPTION…]` runs them one
 * after another and prints tables. Peers that are here run in the same minute on the same core with the same data.
 */
import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { agentLogs } from './agent-logs.ts';
import { agentMetrics } from './agent-metrics.ts';
import { type Bench, type Settings, format } from './bench.ts';
import { pinSelf } from './program.ts';
import { promql } from './promql.ts';
import { rules } from './rules.ts';
import { start } from './start.ts';
import { store } from './store.ts';
import { upIdle } from './up-idle.ts';

const benches: readonly Bench[] = [agentMetrics, agentLogs, upIdle, start, rules, promql, store];

const NUMBERS = ['seconds', 'minutes', 'mib', 'rounds', 'targets', 'millions'] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    minutes: { type: 'string' },
    mib: { type: 'string' },
    rounds: { type: 'string' },
    targets: { type: 'string' },
    millions: { type: 'string' },
  },
});
const unknown = positionals.filter((name) => name !== 'all' && !benches.some((bench) => bench.name === name));
if (unknown.length > 0) fail(`there is no bench ${unknown.join(', ')}`);
if (!existsSync('/proc/self/stat')) fail('the benches read /proc: they run on Linux only');
if (positionals.length === 0) list();
else await runAll();

function list(): void {
  console.log(
    'npm run bench -- NAME… [OPTION…]   one or more of these, or all; --quick: small, to see that they run\n',
  );
  for (const { name, about, options } of benches)
    console.log(`  ${name.padEnd(14)} ${about}\n  ${''.padEnd(14)} ${options}`);
}

async function runAll(): Promise<void> {
  const pinned = pinSelf();
  const { model } = cpus()[0];
  console.log(
    `${model.trim()}, ${cpus().length} cores, ${(totalmem() / 1024 ** 3).toFixed(0)} GiB; Node ${process.versions.node}; ${pinned}\n`,
  );
  for (const bench of benches) {
    if (!positionals.includes('all') && !positionals.includes(bench.name)) continue;
    for (const table of await bench.run(settings())) console.log(format(table));
  }
  process.exit();
}

function settings(): Settings {
  const numbers = NUMBERS.flatMap((name) => {
    const text = values[name];
    if (text === undefined) return [];
    if (!(Number(text) > 0)) fail(`--${name} takes a number above 0, not ${text}`);
    return [[name, Number(text)]];
  });
  return { quick: values.quick, ...Object.fromEntries(numbers) };
}

function fail(message: string): never {
  console.error(`${message}\n\`npm run bench\` lists the benches`);
  process.exit(2);
}
