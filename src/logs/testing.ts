import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../lib/logger.ts';
import { sleep } from '../lib/time/sleep.ts';
import type { LogBatch, LogSource, ShipLogs } from '../model/log.ts';
import { logsSchema } from './config.ts';
import { type Logs, type LogsOptions, createLogs } from './logs.ts';

/** A record as a sink saw it. */
export interface Seen {
  readonly source: LogSource;
  readonly offset: number;
  readonly message: string;
  readonly timestamp: number;
  readonly nanos: number;
  readonly stream: number;
  readonly flags: readonly string[];
}

export type Mood = 'accept' | 'reject' | 'store then reject' | 'hang';

/** A sink that keeps what it is given, each record once, and misbehaves on cue. */
export class FakeSink {
  mood: Mood = 'accept';
  offered = 0;
  duplicates = 0;
  readonly records: Seen[] = [];
  readonly #known = new Set<string>();

  readonly ship: ShipLogs = async (batch, signal) => {
    this.offered++;
    if (this.mood === 'hang') {
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    }
    if (this.mood === 'reject') throw new Error('the sink is out of order');
    const before = this.duplicates;
    const records = recordsOf(batch).filter((record) => this.#isNew(record));
    this.records.push(...records);
    if (this.mood === 'store then reject') throw new Error('the answer was lost');
    return { stored: records.length, duplicates: this.duplicates - before, refused: {} };
  };

  messages(path?: string): string[] {
    return this.records.filter(({ source }) => path === undefined || source.path === path).map((seen) => seen.message);
  }

  #isNew({ source, offset }: Seen): boolean {
    const id = `${source.id}:${offset}`;
    if (this.#known.has(id)) this.duplicates++;
    const isNew = !this.#known.has(id);
    this.#known.add(id);
    return isNew;
  }
}

export function recordsOf(batch: LogBatch): Seen[] {
  return Array.from({ length: batch.count }, (_, i) => ({
    source: batch.source,
    offset: batch.offsets[i],
    message: batch.bytes.toString('utf8', batch.starts[i], batch.ends[i]),
    timestamp: batch.timestamps[i],
    nanos: batch.nanos[i],
    stream: batch.streams[i],
    flags: batch.flags?.get(i) ?? [],
  }));
}

/** A folder for one test, with the means to follow files in it at a quick pace. */
export function createWorkbench() {
  const folder = mkdtempSync(join(tmpdir(), 'crowsnest-logs-'));
  const running = new Set<Logs>();
  const quick = {
    containers: false,
    files: [join(folder, '*.log')],
    poll_interval: '5ms',
    scan_interval: '10ms',
    rotate_wait: '40ms',
    checkpoint_interval: '20ms',
    retry_min: '5ms',
    retry_max: '20ms',
    stop_timeout: '200ms',
  };

  async function follow(ship: ShipLogs, settings: object = {}, more: Partial<LogsOptions> = {}): Promise<Logs> {
    const logs = createLogs({
      config: logsSchema.parse({ ...quick, ...settings }),
      destinations: [{ name: 'sink', ship }],
      dataDir: join(folder, 'data'),
      identity: { 'orchestrator.cluster.name': 'test' },
      hostname: 'host-1',
      logger: createLogger({ quiet: true }),
      ...more,
    });
    await logs.start();
    running.add(logs);
    return logs;
  }

  return {
    folder,
    quick,
    path: (name: string) => join(folder, name),
    follow,
    async stop(logs: Logs): Promise<void> {
      running.delete(logs);
      await logs.stop();
    },
    async close(): Promise<void> {
      for (const logs of running) await logs.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until a condition holds, at most ten seconds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within ten seconds: ${what}`);
    await sleep(2);
  }
}
