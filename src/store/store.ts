import { join } from 'node:path';
import type { PreparedChange } from '../lib/lifecycle/reload.ts';
import { Ticker } from '../lib/time/ticker.ts';
import { formatDuration } from '../lib/time/duration.ts';
import type { Labels } from '../model/labels.ts';
import type { AlertEvent } from '../model/alert.ts';
import type {
  LogBatch,
  LogSearchAnswer,
  LogSearchRequest,
  LogVolume,
  LogVolumeRequest,
  ShipOutcome,
} from '../model/log.ts';
import type { NewestSamples, SelectRequest, SeriesColumns } from '../model/query.ts';
import type { MetricMetadata, SampleBatch, WriteOutcome } from '../model/sample.ts';
import type { StoreStat } from '../model/status.ts';
import type { BlockMeta } from './blocks/block.ts';
import type { DataFile } from './blocks/data-file.ts';
import { checkReload } from './config.ts';
import type { StoreConfig } from './config.ts';
import { StoreError, storeErrorOf } from './errors.ts';
import { readExemplars } from './read/exemplars.ts';
import { HeadWriter } from './head/head-writer.ts';
import { Maintenance } from './blocks/maintenance.ts';
import { countLogs } from './logs/log-count.ts';
import { type LogSearchParts, searchLogs } from './logs/log-search.ts';
import { type CompareWithStored, LogWriter } from './logs/log-writer.ts';
import { compareWithStored } from './logs/same-file.ts';
import { splitMemoryBudget } from './memory/budget.ts';
import { bytesGauge, seriesGauge, windowBytes } from './metrics.ts';
import type { StoreParts } from './parts.ts';
import { BytesUnderWay } from './bytes-under-way.ts';
import { WriteQueue, inOneStep } from './write-queue.ts';
import type { HeadMark } from './head/head.ts';
import { SampleWriter } from './sample-writer.ts';
import { select } from './read/select.ts';
import { NewestSelect } from './read/select-newest.ts';
import { SeriesLookup } from './series/series-lookup.ts';
import { exportBlocks, importBlocks, verifyFiles } from './blocks/transfer.ts';
import { statOf } from './read/stat.ts';
import type { AlertHistoryQuery, Fault, SeriesExemplars, SeriesSelection, Store } from './types.ts';
import { warm } from './memory/rehydrate.ts';
import { MemoryWindow } from './memory/window.ts';

/** Milliseconds between rounds of housekeeping, and between looks at memory. */
const ROUND = 30_000;

/**
 * The embedded store: all of it on disk, what is recent in memory as well.
 *
 *   write ─▶ WriteQueue, in order ─▶ judged ─┬─▶ MemoryWindow, at once: what came since the start
 *                                        │    ReloadedSamples behind it: what the disk had before, read back (warming.ts)
 *                                        └─▶ HeadWriter: one commit for many ─▶ heads/head-N.duckdb   append order
 *                                                                                  │ sealed after `block`, sorted in a child
 *                                                                                  ▼
 *   select ◀─ past the window's floor: memory                     blocks/…/*.parquet   by series and time, immutable
 *          ◀─ up to it: heads and blocks, once settled                             │ retention: unlink
 *                                                                                  ▼
 *   catalog.duckdb: metadata, alert history, the lock                            gone
 *
 * Invariant: what a writer was told is stored is in exactly one head or block, together with the labels it needs.
 * A reader of samples or labels sees all that was handed to `write` before, answered or not; what a failing commit refuses
 * is gone again. Exemplars and logs are read once they are committed.
 * Price: a commit is one fsync, shared by all who write within `commit_interval`; an answer that needs old data waits for
 * the commit of such data and costs one SQL scan a file; every head and block repeats the labels of its series (2–3 % of
 * its size).
 */
export class EmbeddedStore implements Store {
  readonly name = 'store';
  readonly #parts: StoreParts;
  readonly #window: MemoryWindow;
  readonly #writer: HeadWriter;
  readonly #queue = new WriteQueue();
  readonly #samples: SampleWriter;
  readonly #newest: NewestSelect;
  readonly #logs: LogWriter;
  readonly #lookup: SeriesLookup;
  readonly #housekeeping: Maintenance;
  readonly #stopping = new AbortController();
  readonly #rounds: Ticker;
  readonly #memoryLooks: Ticker;
  readonly #unlock: () => void;
  #turn: Promise<void> = Promise.resolve();
  #metadataWrites: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(parts: StoreParts, unlock: () => void) {
    const { config, clock, logger, folders, database, heads, blocks, nextHead, registry, state, sources } = parts;
    this.#parts = parts;
    this.#unlock = unlock;
    const memory = splitMemoryBudget(config.memory);
    this.#window = new MemoryWindow({ floor: state.newest(), bytes: memory.window });
    this.#writer = new HeadWriter({
      database,
      folder: folders.heads,
      heads,
      nextHead,
      leases: () => blocks.all.map((block) => block.lease),
      failing: () => this.#samples.abandon(),
      refused: () => this.#readFromDisk(this.#window.floor),
      config,
      headBytes: memory.head,
      clock,
      logger,
    });
    const [window, writer, queue] = [this.#window, this.#writer, this.#queue];
    const underWay = new BytesUnderWay(memory.underWay);
    this.#samples = new SampleWriter({ registry, state, window, writer, queue, underWay, config, clock });
    this.#newest = new NewestSelect({ registry, window, queue });
    const compare: CompareWithStored = (id, batch, i) =>
      this.#wrapped(compareWithStored(this.#logParts(), id, batch, i));
    this.#logs = new LogWriter(writer, sources, underWay, parts.nextSeq, compare);
    this.#lookup = new SeriesLookup(registry, state);
    this.#housekeeping = new Maintenance({
      ...parts,
      window: this.#window,
      writer: this.#writer,
      arriving: () => !this.#queue.idle,
    });
    this.#rounds = new Ticker({ interval: ROUND, clock }, () => this.#round());
    // Apart from the rounds, which may write blocks for minutes while memory fills.
    this.#memoryLooks = new Ticker({ interval: ROUND, clock }, () => this.#trimMemory());
    this.#memoryLooks.start();
    this.#rounds.start();
    void this.#inTurn(() => this.#warm()).catch(() => undefined);
  }

  /** Takes over all but `path`, `memory` and `threads`. @throws {InputError} where one of these changed. */
  async prepare(next: StoreConfig): Promise<PreparedChange> {
    const { config } = this.#parts;
    checkReload(config, next);
    return Promise.resolve({
      commit: () => {
        delete config.max_series;
        Object.assign(config, next);
      },
    });
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

  readonly selectNewest = async (request: SelectRequest, signal?: AbortSignal): Promise<NewestSamples | undefined> => {
    this.#assertOpen();
    return this.#wrapped(this.#newest.select(request, signal), signal);
  };

  readonly writeLogs = (batch: LogBatch): Promise<ShipOutcome> => this.#logs.write(batch);

  readonly searchLogs = async (request: LogSearchRequest, signal?: AbortSignal): Promise<LogSearchAnswer> => {
    this.#assertOpen();
    return this.#wrapped(searchLogs(this.#logParts(), request, signal), signal);
  };

  readonly countLogs = async (request: LogVolumeRequest, signal?: AbortSignal): Promise<LogVolume> => {
    this.#assertOpen();
    return this.#wrapped(countLogs(this.#logParts(), request, signal), signal);
  };

  #logParts(): LogSearchParts {
    const { database, sources } = this.#parts;
    return { ...this.#readParts(), database, sources, lastSeq: () => this.#logs.lastSeq };
  }

  readonly recordAlertEvents = (events: readonly AlertEvent[]): Promise<void> =>
    this.#wrapped(this.#parts.catalog.recordAlertEvents(events));

  alertEvents(query: AlertHistoryQuery): Promise<AlertEvent[]> {
    return this.#wrapped(this.#parts.catalog.alertEvents(query));
  }

  metadata(metric: string): Promise<MetricMetadata[]> {
    return Promise.resolve(this.#parts.catalog.metadata(metric));
  }

  async #prepare({ matcherSets }: SeriesSelection, signal?: AbortSignal): Promise<void> {
    for (const matchers of matcherSets) await this.#parts.registry.prepare(matchers, signal);
  }

  async series(selection: SeriesSelection): Promise<Labels[]> {
    await this.#prepare(selection);
    return this.#queue.run(this.#lookup.series(selection));
  }

  async labelNames(selection: SeriesSelection): Promise<string[]> {
    await this.#prepare(selection);
    return this.#queue.run(this.#lookup.names(selection));
  }

  async labelValues(name: string, selection: SeriesSelection): Promise<string[]> {
    await this.#prepare(selection);
    return this.#queue.run(this.#lookup.values(name, selection));
  }

  async exemplars(selection: SeriesSelection, signal?: AbortSignal): Promise<SeriesExemplars[]> {
    const { registry } = this.#parts;
    await this.#prepare(selection, signal);
    const wanted = { ...selection, numbers: this.#lookup.numbers(selection), bound: registry.bound };
    return this.#wrapped(readExemplars(this.#readParts(), wanted, signal), signal);
  }

  async stat(limit = 10): Promise<StoreStat> {
    const { registry, config, damage } = this.#parts;
    const { files, bytes } = { files: this.#housekeeping.files(), bytes: this.#housekeeping.bytes() };
    const stat = statOf(files, bytes, registry, formatDuration(config.retention), limit);
    return { ...stat, damaged: await damage.names() };
  }

  verify(): Promise<Fault[]> {
    return this.#wrapped(verifyFiles(this.#parts.database, this.#parts.blocks.all, this.#writer.heads));
  }

  compact(): Promise<void> {
    return this.#wrapped(this.#inTurn(() => this.#compactAll()));
  }

  deleteSeries(selection: SeriesSelection): Promise<void> {
    const work = async () => {
      await this.#queue.done();
      const { start, end } = selection;
      await this.#prepare(selection, this.#stopping.signal);
      const numbers = this.#lookup.numbers(selection);
      await this.#compactAll();
      try {
        await this.#housekeeping.deleteSamples({ numbers, start, end }, this.#stopping.signal);
      } finally {
        this.#readFromDisk(this.#window.newestTime);
      }
    };
    return this.#wrapped(this.#inTurn(work));
  }

  exportTo(folder: string): Promise<void> {
    const work = async () => {
      await this.#compactAll();
      await exportBlocks(this.#parts.blocks.all, folder);
    };
    return this.#wrapped(this.#inTurn(work));
  }

  importFrom(folder: string): Promise<void> {
    const takeOver = async (from: string, meta: BlockMeta) => {
      await this.#housekeeping.takeOver(from, meta);
      this.#readFromDisk(this.#window.newestTime);
    };
    return this.#wrapped(this.#inTurn(() => importBlocks(folder, takeOver)));
  }

  async snapshot(): Promise<string> {
    const { folders, clock } = this.#parts;
    const folder = join(folders.root, 'snapshots', new Date(clock.now()).toISOString().replaceAll(':', '-'));
    await this.exportTo(folder);
    return folder;
  }

  /** Commits what waits and closes the files. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopping.abort();
    await this.#memoryLooks.stop();
    await this.#rounds.stop();
    await this.#turn;
    await this.#queue.done();
    await this.#writer.close();
    await this.#metadataWrites;
    this.#parts.database.close();
    this.#unlock();
  }

  /** Maintenance; never rejects. */
  async #round(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await this.#inTurn(async () => {
        if (this.#window.cold) await this.#warm();
        await this.#housekeeping.compactHeads(signal);
        await this.#housekeeping.mergeBlocks(signal);
        await this.#housekeeping.retain();
        await this.#housekeeping.forgetSeries();
      });
      bytesGauge.set(this.#housekeeping.bytes());
    } catch (error) {
      if (!signal.aborted) this.#parts.logger.error({ err: error }, 'housekeeping of the store failed');
    }
  }

  async #trimMemory(): Promise<void> {
    const { clock, config, registry } = this.#parts;
    // By the clock alone: what memory gives up, the disk still has.
    await this.#queue.run(inOneStep(() => this.#window.trim(clock.now() - config.window)));
    windowBytes.set(this.#window.bytes);
    seriesGauge.set(registry.size);
  }

  /** Brings recent samples back into memory; never rejects, as the disk answers for them all the while. */
  async #warm(): Promise<void> {
    const { clock, config, logger } = this.#parts;
    const begun = performance.now();
    try {
      const samples = await warm({ ...this.#readParts(), clock }, config.window, this.#stopping.signal);
      if (samples === undefined || samples === 0) return;
      const seconds = Math.round(performance.now() - begun) / 1000;
      logger.info({ samples, seconds, since: new Date(this.#window.floor) }, 'recent samples are in memory again');
    } catch (error) {
      this.#window.giveUpOlder();
      if (!this.#stopping.signal.aborted)
        logger.warn({ err: error }, 'recent samples stay on disk: not read into memory');
    }
  }

  /** One piece of work on the files after another. @throws {StoreError} `closed` where its turn does not come before. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(() => {
      this.#assertOpen();
      return work();
    });
    this.#turn = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  async #compactAll(): Promise<void> {
    await this.#writer.exclusive(() => this.#writer.rotate());
    await this.#housekeeping.compactAllHeads(this.#stopping.signal);
    await this.#housekeeping.retain();
  }

  /** Empties the window: all that is on disk, and whatever comes up to `floor`, is read there. */
  #readFromDisk(floor: number): void {
    this.#window.reset(Math.max(floor, this.#parts.state.newest()));
  }

  #readParts() {
    const { registry, state, database } = this.#parts;
    return {
      registry,
      state,
      window: this.#window,
      database,
      queue: this.#queue,
      settled: (time: number) => this.#writer.settled(time),
      files: (mark?: HeadMark) => this.#housekeeping.files(mark),
      readFile: (file: DataFile, read: () => Promise<void>, signal?: AbortSignal) => this.#read(file, read, signal),
    };
  }

  /** Where files of a block turn out to be damaged they are moved aside and the rest is read; other errors are the caller's. */
  async #read(file: DataFile, read: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    try {
      await read();
    } catch (error) {
      signal?.throwIfAborted();
      const mayBeDamage = storeErrorOf(error, '').reason === 'unavailable';
      if (!mayBeDamage || !(await this.#housekeeping.setAsideIfDamaged(file))) throw error;
      await read();
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new StoreError('closed', 'the store is closed');
  }

  async #wrapped<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await work;
    } catch (error) {
      signal?.throwIfAborted();
      this.#assertOpen();
      throw storeErrorOf(error, this.#parts.config.path);
    }
  }
}
