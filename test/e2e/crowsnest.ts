import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { HttpClient } from '../../src/lib/http/client.ts';
import { sleep } from '../../src/lib/time/sleep.ts';
import { waitFor } from '../servers/process.ts';

export const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

/** A crowsnest that runs as users run it: the built program in a process of its own. */
export class Crowsnest {
  readonly child: ChildProcess;
  readonly url: string;
  readonly #output: () => string;
  readonly #http = new HttpClient();

  private constructor(child: ChildProcess, url: string, output: () => string) {
    this.child = child;
    this.url = url;
    this.#output = output;
  }

  /** Starts `crowsnest ARGS` in a folder and waits until it has said where it answers. */
  static async start(folder: string, args: readonly string[]): Promise<Crowsnest> {
    if (!existsSync(CLI)) throw new Error('dist/cli.js is missing: npm run build');
    const child = spawn(process.execPath, [CLI, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const url = () => /(?:console|answers at)\s+(http:\/\/\S+)/.exec(output)?.[1];
    const ready = await waitFor(() => url() !== undefined || child.exitCode !== null, 60_000);
    if (!ready || child.exitCode !== null) {
      child.kill('SIGKILL');
      throw new Error(`crowsnest ${args.join(' ')} did not start:\n${output}`);
    }
    return new Crowsnest(child, url() as string, () => output);
  }

  get output(): string {
    return this.#output();
  }

  /** SIGTERM; answers the exit code, and kills it after the ten seconds that it has. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const inTime = await Promise.race([ended.then(() => true), sleep(10_500).then(() => false)]);
    if (!inTime) this.child.kill('SIGKILL');
    await ended;
    return inTime ? this.child.exitCode : null;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  async text(path: string): Promise<string> {
    return (await this.#http.request({ url: this.url + path, timeout: 10_000 })).body.toString();
  }

  async data<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
    const body = JSON.parse(await this.text(`${path}?${new URLSearchParams(parameters).toString()}`)) as {
      data: T;
      error?: string;
    };
    if (body.data === undefined) throw new Error(`${path}: ${body.error}`);
    return body.data;
  }

  /** The value of the first sample of an instant query; undefined where there is none. */
  async value(expr: string): Promise<number | undefined> {
    const { result } = await this.data<{ result: { value: [number, string] }[] }>('/api/v1/query', { query: expr });
    return result[0] === undefined ? undefined : Number(result[0].value[1]);
  }

  /** The messages of the records that match, newest first. */
  async logs(query: string, limit = 5000): Promise<string[]> {
    const { records } = await this.data<{ records: { message: string }[] }>('/api/crowsnest/v1/logs', {
      query,
      limit: String(limit),
      start: '0',
    });
    return records.map(({ message }) => message);
  }

  async alerts(): Promise<{ labels: Record<string, string>; state: string; activeAt: string }[]> {
    return (await this.data<{ alerts: [] }>('/api/v1/alerts')).alerts;
  }
}

/** Runs one command to its end; the servers of the test go on answering meanwhile. */
export async function run(
  folder: string,
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: folder, timeout: 60_000 });
  child.stdin.on('error', () => undefined); // EPIPE: the command ended before it read its input
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err };
}

/** Writes files by their path below the folder, and the folders they lie in. */
export function lay(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
