import { rm } from 'node:fs/promises';
import { Ticker } from '../lib/ticker.ts';
import { formatDuration } from '../lib/duration.ts';
import { compareUtf8 } from '../model/labels.ts';
import type { Labels } from '../model/labels.ts';
import type { AlertEvent } from '../model/alert.ts';
import type { LogBatch, LogSearchAnswer, LogSearchRequest, ShipOutcome } from '../model/log.ts';
import type { SelectRequest, SeriesColumns } from '../model/query.ts';
import type { MetricMetadata, SampleBatch, WriteOutcome } from '../model/sample.ts';
import type { StoreStat } from '../model/status.ts';
import type { DataFile } from './data-file.ts';
import { StoreError, storeErrorOf } from './errors.ts';
import type { Head } from './head.ts';
import { HeadWriter } from './head-writer.ts';
import { searchLogs } from './log-search.ts';
import { LogWriter } from './log-writer.ts';
import { bytesGauge, retentionDrops, seriesGauge, windowBytes } from './metrics.ts';
import type { StoreParts } from './parts.ts';
import { SampleWriter } from './sample-writer.ts';
import { select } from './select.ts';
import { statOf } from './stat.ts';
import type { AlertHistoryQuery, Fault, SeriesExemplars, SeriesSelection, Store } from './types.ts';
import { MemoryWindow } from './window.ts';

/** Milliseconds between rounds of housekeeping. */
const ROUND = 30_000;

/**
 * The embedded store: what is newest in memory, all of it on disk.
 *
 *   write ─▶ SampleWriter ─▶ HeadWriter: one commit for many ─▶ heads/head-N.duckdb   append order, newest hours
 *                    └─ once safe ─▶ MemoryWindow                    │ sealed after `block`, sorted in a child process
 *                                                                    ▼
 *   select ◀─ past the window's floor: memory              blocks/…/*.parquet          by series and time, immutable
 *          ◀─ up to it: heads and blocks                             │ retention: unlink
 *                                                                    ▼
 *   catalog.duckdb: metadata, alert history, the lock              gone
 *
 * Invariant: what a writer was told is stored is in exactly one head or block, together with the labels it needs.
 * Price: a commit is one fsync, shared by all who write within `commit_interval`; an answer that needs old data costs
 * one SQL scan a file; every head and block repeats the labels of its series (2–3 % of its size).
 */
export class EmbeddedStore implements Store {
  readonly name = 'store';
  readonly #parts: StoreParts;
  readonly #window: MemoryWindow;
  readonly #writer: HeadWriter;
  readonly #samples: SampleWriter;
  readonly #logs: LogWriter;
  readonly #ticker: Ticker;
  readonly #unlock: () => void;
  #metadataWrites: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(parts: StoreParts, unlock: () => void) {
    const { config, clock, logger, folders, database, heads, nextHead, registry, state, sources } = parts;
    this.#parts = parts;
    this.#unlock = unlock;
    const floor = Math.max(-Infinity, ...heads.map((head) => head.maxTime));
    this.#window = new MemoryWindow({ floor, bytes: Math.round(config.memory * 0.4) });
    this.#writer = new HeadWriter({
      database,
      folder: folders.heads,
      heads,
      nextHead,
      block: config.block,
      gather: config.commit_interval,
      clock,
      logger,
    });
    this.#samples = new SampleWriter({ registry, state, window: this.#window, writer: this.#writer, config, clock });
    this.#logs = new LogWriter(this.#writer, sources, parts.nextSeq);
    this.#ticker = new Ticker({ interval: ROUND, clock }, () => this.#round());
    this.#ticker.start();
  }

  readonly write = (batch: SampleBatch): Promise<WriteOutcome> => this.#samples.write(batch, false);

  readonly backfill = (batch: SampleBatch): Promise<WriteOutcome> => this.#samples.write(batch, true);

  readonly writeMetadata = (metadata: readonly MetricMetadata[]): void => {
    const { catalog, logger } = this.#parts;
    this.#metadataWrites = this.#metadataWrites
      .then(() => catalog.writeMetadata(metadata))
      .catch((error: unknown) => logger.warn({ err: error }, 'metric metadata not stored'));
  };

  readonly select = async (request: SelectRequest, signal?: AbortSignal): Promise<SeriesColumns[]> => {
    this.#assertOpen();
    return this.#wrapped(select(this.#readParts(), request, signal), signal);
  };

  readonly writeLogs = (batch: LogBatch): Promise<ShipOutcome> => this.#logs.write(batch);

  readonly searchLogs = async (request: LogSearchRequest, signal?: AbortSignal): Promise<LogSearchAnswer> => {
    this.#assertOpen();
    const { database, sources } = this.#parts;
    const parts = { ...this.#readParts(), database, sources, lastSeq: () => this.#logs.lastSeq };
    return this.#wrapped(searchLogs(parts, request, signal), signal);
  };

  readonly recordAlertEvents = (events: readonly AlertEvent[]): Promise<void> =>
    this.#wrapped(this.#parts.catalog.recordAlertEvents(events));

  alertEvents(query: AlertHistoryQuery): Promise<AlertEvent[]> {
    return this.#wrapped(this.#parts.catalog.alertEvents(query));
  }

  metadata(metric: string): Promise<MetricMetadata[]> {
    return Promise.resolve(this.#parts.catalog.metadata(metric));
  }

  series(selection: SeriesSelection): Promise<Labels[]> {
    const { registry } = this.#parts;
    const labels = this.#selected(selection).map((number) => registry.labelsOf(number));
    return Promise.resolve(selection.limit > 0 ? labels.slice(0, selection.limit) : labels);
  }

  labelNames(selection: SeriesSelection): Promise<string[]> {
    const names = new Set<string>();
    for (const number of this.#selected(selection)) {
      for (const [name] of this.#parts.registry.labelsOf(number).entries()) names.add(name);
    }
    return Promise.resolve(sortedUpTo(names, selection.limit));
  }

  labelValues(name: string, selection: SeriesSelection): Promise<string[]> {
    const { registry, state } = this.#parts;
    const { matcherSets, start, end } = selection;
    const values = new Set<string>();
    if (matcherSets.length === 0) {
      for (const [value, numbers] of registry.valuesOf(name)) {
        if (numbers.some((number) => state.within(number, start, end))) values.add(value);
      }
    } else {
      for (const number of this.#selected(selection)) values.add(registry.labelsOf(number).get(name));
      values.delete('');
    }
    return Promise.resolve(sortedUpTo(values, selection.limit));
  }

  exemplars(_selection: SeriesSelection): Promise<SeriesExemplars[]> {
    return Promise.resolve([]);
  }

  stat(limit = 10): Promise<StoreStat> {
    const { registry, config } = this.#parts;
    return Promise.resolve(statOf(this.#files(), this.#bytes(), registry, formatDuration(config.retention), limit));
  }

  verify(): Promise<Fault[]> {
    return Promise.resolve([]);
  }

  async compact(): Promise<void> {
    await this.#round();
  }

  deleteSeries(_selection: SeriesSelection): Promise<void> {
    return Promise.reject(new StoreError('unavailable', 'deleting series is not possible'));
  }

  exportTo(_folder: string): Promise<void> {
    return Promise.reject(new StoreError('unavailable', 'export is not possible'));
  }

  importFrom(_folder: string): Promise<void> {
    return Promise.reject(new StoreError('unavailable', 'import is not possible'));
  }

  snapshot(): Promise<string> {
    return Promise.reject(new StoreError('unavailable', 'snapshots are not possible'));
  }

  /** Commits what waits and closes the files. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#ticker.stop();
    await this.#writer.close();
    await this.#metadataWrites;
    this.#parts.database.close();
    this.#unlock();
  }

  /** Housekeeping; never rejects. */
  async #round(): Promise<void> {
    const { clock, config, logger, registry } = this.#parts;
    try {
      this.#window.trim(clock.now() - config.window);
      await this.#retain();
      seriesGauge.set(registry.size);
      windowBytes.set(this.#window.bytes);
      bytesGauge.set(this.#bytes());
    } catch (error) {
      logger.error({ err: error }, 'housekeeping of the store failed');
    }
  }

  async #retain(): Promise<void> {
    const { clock, config, catalog } = this.#parts;
    const oldest = clock.now() - config.retention;
    for (const head of this.#writer.sealed()) {
      if (head.maxTime < oldest) await this.#drop(head, 'time');
    }
    for (const head of this.#writer.sealed()) {
      if (this.#bytes() > config.max_size) await this.#drop(head, 'size');
    }
    await catalog.dropAlertEvents(oldest);
  }

  async #drop(head: Head, reason: string): Promise<void> {
    this.#writer.remove(head);
    await head.lease.exclusive(() => this.#parts.database.run(`detach ${head.alias}`));
    await rm(head.path, { force: true });
    await rm(`${head.path}.wal`, { force: true });
    retentionDrops.inc({ reason });
    this.#parts.logger.info({ head: head.name, reason }, 'old data dropped');
  }

  #selected({ matcherSets, start, end }: SeriesSelection): number[] {
    const { registry, state } = this.#parts;
    const sets = matcherSets.length === 0 ? [[]] : matcherSets;
    const numbers = new Set(sets.flatMap((matchers) => registry.match(matchers)));
    return [...numbers].filter((number) => state.within(number, start, end));
  }

  #readParts() {
    const { registry, state, database } = this.#parts;
    return {
      registry,
      state,
      window: this.#window,
      database,
      files: () => this.#files(),
      readFile: (file: DataFile, read: () => Promise<void>) => file.lease.hold(read),
    };
  }

  #files(): readonly DataFile[] {
    return this.#writer.heads;
  }

  #bytes(): number {
    return this.#writer.heads.reduce((sum, head) => sum + head.bytes, 0);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new StoreError('closed', 'the store is closed');
  }

  async #wrapped<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await work;
    } catch (error) {
      signal?.throwIfAborted();
      throw storeErrorOf(error, this.#parts.config.path);
    }
  }
}

function sortedUpTo(names: ReadonlySet<string>, limit: number): string[] {
  const sorted = [...names].sort(compareUtf8);
  return limit > 0 ? sorted.slice(0, limit) : sorted;
}
