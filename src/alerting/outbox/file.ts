import type { FileSystem } from '../../lib/durable/file-system.ts';
import { Journal } from '../../lib/durable/journal.ts';
import { type Logger, LogOnce } from '../../lib/logger.ts';
import { journalDamaged, journalFailures } from '../metrics.ts';
import { type LogRecord, logKey } from '../notification-log.ts';
import { type Contents, type Entry, type OutboxRecord, entryOf, load, outboxRecord, save } from './record.ts';

export interface OutboxFileOptions {
  readonly path: string;
  readonly logger: Logger;
  readonly fs?: FileSystem;
  /** Bytes past which it is written anew. */
  readonly compactAt?: number;
}

export interface OutboxContent {
  readonly waiting: readonly Entry[];
  /** From old to new. */
  readonly ended: readonly Entry[];
  /** What files of earlier versions say of who was notified. */
  readonly log: readonly LogRecord[];
}

const COMPACT_AT = 4 * 1024 * 1024;
/** Milliseconds. */
const RETENTION = 120 * 3_600_000;

/** The outbox's journal. A disk that is full does not keep a page from going out: the delivery is then made without its record. */
export class OutboxFile {
  readonly #options: OutboxFileOptions;
  readonly #current: () => Omit<OutboxContent, 'log'>;
  readonly #journal: Journal<OutboxRecord>;
  readonly #once = new LogOnce();
  #compactAt: number;

  /** `current` is asked for what counts when the file is written anew. */
  constructor(options: OutboxFileOptions, current: () => Omit<OutboxContent, 'log'>) {
    this.#options = options;
    this.#current = current;
    this.#compactAt = options.compactAt ?? COMPACT_AT;
    this.#journal = new Journal(options.path, { parse: (json) => outboxRecord.parse(json), fs: options.fs });
  }

  async open(): Promise<OutboxContent> {
    const { path, logger } = this.#options;
    const { records, damaged, movedTo } = await this.#journal.open();
    if (damaged > 0) {
      journalDamaged.inc({ file: 'outbox' }, damaged);
      logger.warn({ path, damaged, movedTo }, 'records of the outbox are damaged; the rest is used');
    }
    return replay(records);
  }

  queued(entry: Entry): Promise<void> {
    return this.#append(save(entry));
  }

  ended({ delivery }: Entry): Promise<void> {
    return this.#append({ type: 'ended', delivery });
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  async #append(record: OutboxRecord): Promise<void> {
    try {
      await this.#journal.append([record]);
      if (this.#journal.size > this.#compactAt) await this.#compact();
      this.#once.clear('file');
    } catch (error) {
      journalFailures.inc({ file: 'outbox' });
      const { message } = error as Error;
      if (this.#once.fresh('file', message))
        this.#options.logger.error({ error: message }, 'outbox cannot be written; notifications go out without it');
    }
  }

  /** The next time only when the file has doubled again, however much is left in it. */
  async #compact(): Promise<void> {
    const tooLarge = this.#journal.size;
    // Where that fails the old file goes on, and is written anew once it has grown by as much.
    this.#compactAt = tooLarge + COMPACT_AT;
    await this.#journal.compact(() => {
      const { ended, waiting } = this.#current();
      return [
        ...ended.flatMap((entry): OutboxRecord[] => [save(entry), { type: 'ended', delivery: entry.delivery }]),
        ...waiting.map(save),
      ];
    });
    this.#compactAt = Math.max(this.#options.compactAt ?? COMPACT_AT, 2 * this.#journal.size);
  }
}

function replay(records: readonly OutboxRecord[]): OutboxContent {
  const waiting = new Map<string, Entry>();
  const known = new Map<string, Entry & { readonly legacy: boolean }>();
  const ended: Entry[] = [];
  const log: LogRecord[] = [];
  for (const record of records) {
    if (record.type === 'told') {
      log.push(logRecord(record.key, record.dedup));
    } else if (record.type === 'queued') {
      const { integration, dedup, keepFor } = record;
      const entry = entryOf(load(record.notification), integration, dedup, keepFor ?? RETENTION);
      waiting.set(logKey(integration, entry.notification.groupKey), entry);
      known.set(`${integration} ${entry.notification.id}`, { ...entry, legacy: keepFor === undefined });
    } else {
      const { delivery } = record;
      const entry = known.get(`${delivery.integration} ${delivery.notification}`);
      if (entry === undefined) continue;
      known.delete(`${delivery.integration} ${delivery.notification}`);
      const lane = logKey(delivery.integration, entry.notification.groupKey);
      if (waiting.get(lane)?.notification.id === delivery.notification) waiting.delete(lane);
      ended.push({ ...entry, delivery });
      if (entry.legacy && delivery.state === 'sent') log.push(logRecord(lane, entry.contents));
    }
  }
  return { waiting: [...waiting.values()], ended, log };
}

function logRecord(key: string, { firing, resolved, at }: Contents): LogRecord {
  return { key, entry: { firing, resolved, at, expiresAt: at + RETENTION, notification: '' } };
}
