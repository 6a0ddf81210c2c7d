import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../src/lib/time/sleep.ts';

/** How often `/-/healthy` is asked, milliseconds. */
const EVERY = 20;

/** What a health check may take beside any single request, milliseconds, on a machine that does nothing else. */
const MAX_ANSWER = 500;

/** A server in a process of its own. */
export class Victim {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(): Promise<Victim> {
    const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'serve.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return new Victim(child, line.toString().trim());
  }

  /** Resident bytes. */
  get rss(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }
}

export interface Beside<T> {
  readonly answer: T;
  /** Milliseconds of the slowest health check, less what the same check took of a server that is left alone. */
  readonly worst: number;
  /** The most resident bytes beyond those before. */
  readonly grown: number;
}

/**
 * Does `attack` while `/-/healthy` of the victim is asked every 20 ms. `idle` is asked likewise: what it takes to answer is
 * the machine's load, and not the victim's fault.
 */
export async function healthBeside<T>(victim: Victim, idle: Victim, attack: () => Promise<T>): Promise<Beside<T>> {
  const before = victim.rss;
  const over = new AbortController();
  let peak = before;
  const ask = async ({ url }: Victim): Promise<number> => {
    let slowest = 0;
    while (!over.signal.aborted) {
      const since = performance.now();
      const response = await fetch(`${url}/-/healthy`);
      if (response.status !== 200) throw new Error(`/-/healthy answers ${response.status}`);
      slowest = Math.max(slowest, performance.now() - since);
      peak = Math.max(peak, victim.rss);
      await sleep(EVERY);
    }
    return slowest;
  };
  const asked = Promise.all([ask(victim), ask(idle)]);
  let answer: T;
  try {
    answer = await attack();
  } finally {
    over.abort();
  }
  const [slowest, machine] = await asked;
  return { answer, worst: slowest - 2 * machine, grown: peak - before };
}

export { MAX_ANSWER };
