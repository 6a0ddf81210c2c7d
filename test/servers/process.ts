import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { sleep } from '../../src/lib/time/sleep.ts';
import { skipOrFail } from '../../src/lib/testing/shared.ts';
import { findJava, findProgram } from './cache.ts';
import { recipes } from './catalog.ts';
import { freePort } from './free-port.ts';

/** A real server under test: where it listens, and a stop that always works and leaves nothing behind. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** All it printed so far. */
  output(): string;
  /** The process itself, for signals that tests want to send. */
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly command: string;
  readonly args: (port: number, folder: string) => string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly readyPath: string;
  /** Milliseconds until it must have answered. */
  readonly readyWithin?: number;
  readonly folder?: string;
  readonly port?: number;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program on a free port with a temporary folder of its own and waits until its ready page answers 200. */
export async function startProcess(options: StartOptions): Promise<RunningServer> {
  const port = options.port ?? (await freePort());
  const folder = options.folder ?? temporaryFolder();
  const child = spawn(options.command, options.args(port, folder), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    cwd: folder,
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-100_000)));
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      if (!(await Promise.race([ended.then(() => true), sleep(5000).then(() => false)]))) child.kill('SIGKILL');
      await ended;
    }
    running.delete(child);
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const ready = await waitFor(
    async () => child.exitCode !== null || (await status(url + options.readyPath)) === 200,
    options.readyWithin ?? 30_000,
  );
  if (!ready || child.exitCode !== null) {
    await stop();
    throw new Error(`${options.command} did not become ready:\n${output.slice(-2000)}`);
  }
  return { url, port, pid: child.pid ?? 0, output: () => output, child, stop };
}

/** Asks again every 50 ms until it holds; false when it did not within `within` milliseconds. */
export async function waitFor(condition: () => Promise<boolean> | boolean, within: number): Promise<boolean> {
  for (const end = Date.now() + within; Date.now() < end;) {
    if (await condition()) return true;
    await sleep(50);
  }
  return condition();
}

function status(url: string): Promise<number> {
  return new Promise((resolve) => {
    http
      .get(url, { timeout: 2000, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
      .on('error', () => resolve(0));
  });
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'crowsnest-test-'));
}

const present = new Map<string, boolean>();
for (const recipe of recipes) present.set(recipe.name, await recipe.present());

/** Whether a real server can be started here. */
function hasServer(name: string): boolean {
  const needsJava = name === 'elasticsearch' || name === 'opensearch';
  return (present.get(name) ?? findProgram(name) !== undefined) && (!needsJava || findJava() !== undefined);
}

/** `describe` for tests of real servers: one skipped test that names those which are absent; with CI=true it fails. */
export function describeWith(servers: readonly string[], title: string, body: () => void): void {
  const absent = servers.filter((name) => !hasServer(name));
  if (absent.length === 0) describe(title, body);
  else skipOrFail(title, `no ${absent.join(', ')} here: npm run servers ${absent.join(' ')}`);
}
