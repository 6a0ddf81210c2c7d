import { fork } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { TARGETS } from './targets/index.ts';

/** A target may take so long to load and to make its seeds, milliseconds. */
const STARTS_WITHIN = 120_000;

/** A case without an end after so long, milliseconds, hangs. */
const HANGS = 20_000;
const AT_ONCE = 2;
const FOUND = resolve('fuzz-found');

const USAGE = `npm run fuzz -- [MINUTES] [--seed N] [--only NAME] [--replay FILE]

Feeds broken input to every border of the program, for MINUTES (1) in all. The input of a fault is kept in
fuzz-found/; --only NAME --replay FILE takes it once more. Names: ${Object.keys(TARGETS).join(', ')}.`;

interface Result {
  readonly name: string;
  readonly cases: number;
  readonly fault?: string;
  readonly input?: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    only: { type: 'string' },
    replay: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const minutes = Number(positionals[0] ?? 1);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const chosen = Object.keys(TARGETS).filter((name) => values.only === undefined || name === values.only);
if (values.help === true || !(minutes > 0) || !Number.isInteger(seed) || chosen.length === 0) {
  console.error(USAGE);
  process.exit(2);
}
if (values.replay !== undefined && (chosen.length !== 1 || !existsSync(values.replay))) {
  console.error('--replay FILE needs --only NAME, and a file that exists');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'crowsnest-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const shown = new Map<string, number>();
const each = (minutes * 60_000 * Math.min(AT_ONCE, chosen.length)) / chosen.length;
console.log(`seed ${seed}, ${chosen.length} targets, ${Math.round(each / 1000)} s each`);

const waiting = [...chosen];
const results: Result[] = [];
const lane = async (): Promise<void> => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const result = await runTarget(next);
    results.push(result);
    report(result);
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, lane));
const faults = results.filter(({ fault }) => fault !== undefined);
const total = results.reduce((sum, { cases }) => sum + cases, 0);
console.log(`${total} cases, ${faults.length} of ${results.length} targets with a fault`);
process.exit(faults.length > 0 ? 1 : 0);

/** Runs one target until its time is over or it shows a fault. */
function runTarget(name: string): Promise<Result> {
  const state = join(folder, name);
  const args = [name, String(seed), state, ...(values.replay === undefined ? [] : [resolve(values.replay)])];
  const child = fork(join(import.meta.dirname, 'child.ts'), args, {
    execArgv: ['--import', 'tsx', '--max-old-space-size=2048'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let cases = 0;
  let fault: string | undefined;
  let errors = '';
  // When the last message came, and when the first did.
  let heard = performance.now();
  let started = Infinity;
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
  child.on('message', (message: { cases?: number; fault?: string }) => {
    fault ??= message.fault;
    cases = message.cases ?? cases;
    heard = performance.now();
    started = Math.min(started, heard);
    progress(name, cases);
  });
  const watch = setInterval(() => {
    const now = performance.now();
    const limit = started === Infinity ? STARTS_WITHIN : HANGS;
    if (now - heard > limit) {
      fault ??= `no end within ${limit / 1000} s`;
      child.kill('SIGKILL');
    } else if (now > started + each && child.connected && values.replay === undefined) child.send('stop');
  }, 200);
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      clearInterval(watch);
      if (code !== 0) fault ??= `the process ended with ${signal ?? code}: ${errors}`;
      done({ name, cases, ...(fault !== undefined && { fault, input: keep(name, state) }) });
    });
  });
}

function keep(name: string, state: string): string {
  if (!existsSync(state)) return '(before the first input)';
  mkdirSync(FOUND, { recursive: true });
  const file = join(FOUND, `${name}-${seed}.bin`);
  copyFileSync(state, file);
  return relative(process.cwd(), file);
}

function progress(name: string, cases: number): void {
  if (!process.stdout.isTTY) return;
  shown.set(name, cases);
  process.stdout.write(`\r${[...shown].map(([one, count]) => `${one} ${count}`).join(', ')}\x1b[K`);
}

function report({ name, cases, fault, input }: Result): void {
  shown.delete(name);
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  if (fault === undefined) console.log(`${name}: ${cases} cases`);
  else
    console.log(
      `${name}: FAULT after ${cases} cases: ${fault}\n  again: npm run fuzz -- --only ${name} --replay ${input}`,
    );
}
