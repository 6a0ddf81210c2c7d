import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '../src/lib/time/sleep.ts';
import { freePort } from '../test/servers/free-port.ts';

const CLI = join(import.meta.dirname, '..', 'dist', 'cli.js');
/** Of a tick of /proc/PID/stat, which Linux gives in hundredths of a second whatever the kernel's own is. */
const TICK = 0.01;
const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** The core of the programs under measurement; all that serves and feeds them runs on the other one. */
const MEASURED_CORE = 0;
const OWN_CORE = 1;

/** Keeps this process and what it starts off the measured core. Says how programs are pinned. */
export function pinSelf(): string {
  if (!canPin) return 'not pinned (no taskset, or one core)';
  spawnSync('taskset', ['-a', '-p', '-c', String(OWN_CORE), String(process.pid)]);
  return `measured programs on core ${MEASURED_CORE}, all else on core ${OWN_CORE} (taskset)`;
}

export interface StartOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Helpers stay on our own core. */
  readonly helper?: boolean;
  /** A URL that answers 200 when the program is up. */
  readonly ready?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** A program run as users run it, with what it costs. */
export class Program {
  readonly child: ChildProcess;
  output = '';

  private constructor({ command, args, helper = false, env }: StartOptions) {
    const [file, ...rest] =
      canPin && !helper ? ['taskset', '-c', String(MEASURED_CORE), command, ...args] : [command, ...args];
    this.child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: env ?? process.env });
    running.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-50_000)));
  }

  static async start(options: StartOptions): Promise<Program> {
    const program = new Program(options);
    const { ready } = options;
    if (ready !== undefined) await until(async () => program.#ended() || (await status(ready)) === 200, 120, 20);
    if (program.#ended()) throw new Error(`${options.command} did not start:\n${program.output.slice(-2000)}`);
    return program;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  #ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** User and system seconds so far, of its children too. */
  cpu(): number {
    return tree(this.pid).reduce((sum, pid) => sum + cpuOf(pid), 0);
  }

  /** Bytes in main memory now, of its children too. */
  rss(): number {
    return tree(this.pid).reduce((sum, pid) => sum + memory(pid, 'VmRSS'), 0);
  }

  /** The most bytes in main memory so far, of the process itself. */
  peak(): number {
    return memory(this.pid, 'VmHWM');
  }

  /** Waits until it does next to nothing, a minute at most. */
  async idle(): Promise<void> {
    for (let waited = 0, before = this.cpu(); waited < 60; waited += 2) {
      await sleep(2000);
      const now = this.cpu();
      if (now - before < 0.1) return;
      before = now;
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.#ended()) {
      const ended = once(this.child, 'exit');
      this.child.kill(signal);
      if (!(await Promise.race([ended.then(() => true), sleep(30_000).then(() => false)]))) this.child.kill('SIGKILL');
      await ended;
    }
    running.delete(this.child);
  }
}

/** `crowsnest ARGS` on a free port, ready to answer. Where `BENCH_PROFILE` names a folder, its CPU profile is there in the end. */
export async function startCrowsnest(
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<{ readonly program: Program; readonly url: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = process.env.BENCH_PROFILE;
  const profiling = folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
  const program = await Program.start({
    command: process.execPath,
    args: [...profiling, ...flags, CLI, ...args, '--listen', `127.0.0.1:${port}`],
    ready: `${url}/-/ready`,
  });
  return { program, url };
}

/** Runs `crowsnest ARGS` to its end. */
export function runCrowsnest(args: readonly string[]): string {
  const done = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`crowsnest ${args.join(' ')} ended with ${done.status}:\n${done.stderr}`);
  return done.stdout;
}

/** A script of this folder in a process of its own on our core. */
export function startHelper(script: string, args: readonly string[], ready: string): Promise<Program> {
  const path = join(import.meta.dirname, script);
  return Program.start({
    command: process.execPath,
    args: ['--import', 'tsx', path, ...args],
    helper: true,
    ready,
  });
}

/** An empty folder that is gone when the bench ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crowsnest-bench-'));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** @throws when it does not hold within so many seconds. */
export async function until(condition: () => Promise<boolean> | boolean, seconds: number, every = 50): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(every)) if (await condition()) return;
  throw new Error(`did not come to pass within ${seconds} s: ${condition.toString().slice(0, 200)}`);
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export function request(
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: Buffer } = {},
): Promise<Answer> {
  const { method = 'GET', headers, body } = options;
  return new Promise((resolve, reject) => {
    http
      .request(url, { method, headers, agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
        response.on('error', reject);
      })
      .on('error', reject)
      .end(body);
  });
}

export async function json<T>(url: string, method = 'GET'): Promise<T> {
  return JSON.parse((await request(url, { method })).body.toString()) as T;
}

async function status(url: string): Promise<number> {
  try {
    return (await request(url)).status;
  } catch {
    return 0;
  }
}

/** A process with all below it. */
function tree(pid: number): number[] {
  try {
    const below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    return [pid, ...below.flatMap(tree)];
  } catch {
    return [];
  }
}

/** Own time and that of children which have ended. */
function cpuOf(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field] ?? 0), 0) * TICK;
}

function memory(pid: number, key: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${key}:\\s+(\\d+)`).exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
