import { type Clock, systemClock } from '../lib/time/clock.ts';
import { Journal } from '../lib/durable/journal.ts';
import type { FileSystem } from '../lib/durable/file-system.ts';
import { type Logger, LogOnce } from '../lib/logger.ts';
import { z } from '../lib/schema/schema.ts';
import { journalDamaged, journalFailures } from './metrics.ts';

const entrySchema = z.object({
  firing: z.array(z.string()),
  resolved: z.array(z.string()),
  at: z.number(),
  expiresAt: z.number(),
  notification: z.string(),
});

const recordSchema = z.object({ key: z.string(), entry: entrySchema });

/** What one integration was last notified of about one group, by fingerprints. Times are milliseconds. */
export type LogEntry = Readonly<z.infer<typeof entrySchema>>;
/** An entry with its key; what replicas exchange. */
export type LogRecord = Readonly<z.infer<typeof recordSchema>>;

export interface NotificationLogOptions {
  readonly path: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly fs?: FileSystem;
  /** Bytes of the file past which it is written anew. */
  readonly compactAt?: number;
}

const COMPACT_AT = 4 * 1024 * 1024;

/**
 * Who was notified of what: one entry per integration and group, written when a delivery succeeded and at no other time.
 * Entries merge: of two with one key the later counts, so that replicas reach the same state in any order of exchange.
 */
export class NotificationLog {
  readonly #options: NotificationLogOptions;
  readonly #clock: Clock;
  readonly #journal: Journal<LogRecord>;
  readonly #entries = new Map<string, LogEntry>();
  readonly #once = new LogOnce();
  #compactAt: number;

  constructor(options: NotificationLogOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#compactAt = options.compactAt ?? COMPACT_AT;
    this.#journal = new Journal(options.path, { parse: (json) => recordSchema.parse(json), fs: options.fs });
  }

  async start(): Promise<void> {
    const { path, logger } = this.#options;
    const { records, damaged, movedTo } = await this.#journal.open();
    if (damaged > 0) {
      journalDamaged.inc({ file: 'notification_log' }, damaged);
      logger.warn({ path, damaged, movedTo }, 'records of the notification log are damaged; the rest is used');
    }
    for (const record of records) this.#take(record);
  }

  async stop(): Promise<void> {
    await this.#journal.close();
  }

  get(integration: string, groupKey: string): LogEntry | undefined {
    return this.#entries.get(logKey(integration, groupKey));
  }

  /** Resolves when the entry is on the disk; where the disk refuses, the entry counts until the process ends. */
  async record(integration: string, groupKey: string, entry: LogEntry): Promise<void> {
    await this.merge([{ key: logKey(integration, groupKey), entry }]);
  }

  /** Takes entries of another replica or an earlier format; older ones than those known are ignored. */
  async merge(records: readonly LogRecord[]): Promise<void> {
    const taken = records.filter((record) => this.#take(record));
    if (taken.length === 0) return;
    try {
      await this.#journal.append(taken);
      this.#once.clear('file');
    } catch (error) {
      journalFailures.inc({ file: 'notification_log' });
      const { message } = error as Error;
      if (this.#once.fresh('file', message))
        this.#options.logger.error({ error: message }, 'notification log cannot be written');
      return;
    }
    if (this.#journal.size > this.#compactAt) await this.#compact();
  }

  /** All entries that have not expired. */
  snapshot(): LogRecord[] {
    const now = this.#clock.now();
    for (const [key, { expiresAt }] of this.#entries) if (expiresAt <= now) this.#entries.delete(key);
    return [...this.#entries].map(([key, entry]) => ({ key, entry }));
  }

  #take({ key, entry }: LogRecord): boolean {
    const known = this.#entries.get(key);
    if (known !== undefined && known.at > entry.at) return false;
    this.#entries.set(key, entry);
    return true;
  }

  /** The next time only when the file has doubled again, however much is left in it. */
  async #compact(): Promise<void> {
    try {
      await this.#journal.compact(() => this.snapshot());
      this.#compactAt = Math.max(this.#compactAt, 2 * this.#journal.size);
    } catch (error) {
      // The old file goes on; tried again once it has grown by as much.
      this.#compactAt = this.#journal.size + (this.#options.compactAt ?? COMPACT_AT);
      const { message } = error as Error;
      if (this.#once.fresh('compact', message))
        this.#options.logger.warn({ error: message }, 'notification log cannot be written anew');
    }
  }
}

/** `team/email/0 {}:{alertname="Down"}` */
export function logKey(integration: string, groupKey: string): string {
  return `${integration} ${groupKey}`;
}
