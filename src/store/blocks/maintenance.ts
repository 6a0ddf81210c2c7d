import { rm } from 'node:fs/promises';
import type { Clock } from '../../lib/time/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { LogOnce } from '../../lib/logger.ts';
import { setDamagedFilesAside, writeBlock } from './block.ts';
import type { Block, BlockMeta } from './block.ts';
import { whileUnread } from '../lease.ts';
import type { BlockList } from './block-list.ts';
import type { Catalog } from '../catalog.ts';
import type { Deletion } from './compaction.ts';
import type { StoreConfig } from '../config.ts';
import type { DataFile } from './data-file.ts';
import type { Damage } from '../damage.ts';
import type { Database } from '../duck.ts';
import { StoreError, storeErrorOf } from '../errors.ts';
import type { Head, HeadMark } from '../head/head.ts';
import type { HeadWriter } from '../head/head-writer.ts';
import { splitMemoryBudget } from '../memory/budget.ts';
import { compactions, retentionDrops } from '../metrics.ts';
import type { StoreFolders } from '../parts.ts';
import type { SeriesRegistry } from '../series/registry.ts';
import type { SeriesState } from '../series/series-state.ts';
import type { MemoryWindow } from '../memory/window.ts';

export interface HousekeepingParts {
  readonly config: StoreConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly folders: StoreFolders;
  readonly damage: Damage;
  readonly database: Database;
  readonly catalog: Catalog;
  readonly registry: SeriesRegistry;
  readonly state: SeriesState;
  readonly window: MemoryWindow;
  readonly writer: HeadWriter;
  /** Whether series numbers may be on their way to the writer. */
  arriving(): boolean;
  readonly blocks: BlockList;
}

/** Bounds of what one merge may bring together: the sort of more would take minutes and gigabytes of spill. */
const MERGE_SAMPLES = 100e6;
const MERGE_BYTES = 512 * 1024 ** 2;
const DAY = 86_400_000;
/** Milliseconds: long enough that a clock which is set over the network is right by then. */
const LEAP_WAIT = 3_600_000;
/** Milliseconds that new readers of a head may be held up by one that takes long; a later round tries again. */
const PATIENCE = 1000;

/** Turns heads into blocks, small blocks into larger ones, and deletes what is past retention. */
export class Maintenance {
  readonly #parts: HousekeepingParts;
  readonly #once = new LogOnce();
  /** Series that no file held a round ago. */
  #unused: readonly number[] = [];
  /** Time of the newest sample that retention goes by. */
  #confirmed: number;
  /** When newer ones were first seen that are more than a day ahead of it. */
  #leapSince: number | undefined;

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
    this.#confirmed = this.files().reduce((time, { maxTime }) => Math.max(time, maxTime), -Infinity);
  }

  /** Oldest kind first, so that readers meet samples about in order. Without the heads that came after the mark. */
  files(mark?: HeadMark): readonly DataFile[] {
    const { blocks, writer } = this.#parts;
    const last = mark === undefined ? writer.heads.length : writer.heads.findIndex((head) => head === mark.head) + 1;
    return [...blocks.byTime(), ...writer.heads.slice(0, last)];
  }

  bytes(): number {
    const { writer, blocks } = this.#parts;
    return [...writer.heads, ...blocks.all].reduce((sum, file) => sum + file.bytes, 0);
  }

  /** Each sealed head becomes a block; a failure leaves the head as it is. */
  async compactHeads(signal?: AbortSignal): Promise<void> {
    for (const head of this.#parts.writer.sealed()) {
      if (head.samples + head.histograms + head.exemplars + head.logRecords > 0) await this.#compactHead(head, signal);
      else await this.#dropHead(head);
    }
  }

  /** Brings the small blocks of a day together once the day is over, or four of them. */
  async mergeBlocks(signal?: AbortSignal): Promise<void> {
    const today = Math.floor(this.#parts.clock.now() / DAY);
    for (const run of mergeable(this.#parts.blocks.byTime())) {
      const over = Math.floor(run[0].minTime / DAY) < today - 1;
      if (run.length >= 4 || over) await this.#rewrite(run, undefined, signal);
    }
  }

  /** Deletes what is past retention or too much. */
  async retain(): Promise<void> {
    const { blocks, writer, config, catalog, state } = this.#parts;
    const oldest = this.#trustedNow() - config.retention;
    for (const block of blocks.byTime()) if (block.maxTime < oldest) await this.#dropBlock(block, 'time');
    for (const head of writer.sealed()) if (head.maxTime < oldest) await this.#dropHead(head, 'time');
    for (const file of [...blocks.byTime(), ...writer.sealed()]) {
      if (this.bytes() <= config.max_size) break;
      if ('meta' in file) await this.#dropBlock(file, 'size');
      else await this.#dropHead(file, 'size');
    }
    const kept = this.files().reduce((low, file) => Math.min(low, file.minTime), writer.oldestWaiting);
    if (kept !== Infinity) state.raiseFirst(kept);
    await catalog.dropAlertEvents(oldest);
  }

  /**
   * The time by which data is too old, -Infinity where there is none. A deletion cannot be undone and clocks may be wrong,
   * so both the clock and the newest sample must say that time has passed; and where samples leap ahead by more than a
   * day, as after a start with a wrong clock, that must have held for {@link LEAP_WAIT}.
   */
  #trustedNow(): number {
    const now = this.#parts.clock.now();
    const newest = this.files().reduce((time, { maxTime }) => Math.max(time, maxTime), -Infinity);
    const leaps = this.#confirmed !== -Infinity && newest > this.#confirmed + DAY;
    this.#leapSince = leaps ? (this.#leapSince ?? now) : undefined;
    if (this.#leapSince === undefined || now - this.#leapSince >= LEAP_WAIT) this.#confirmed = newest;
    return Math.min(now, this.#confirmed);
  }

  /** Forgets series that no file has held for two rounds; their numbers are given out again. */
  async forgetSeries(): Promise<void> {
    const { registry, state, window, writer, blocks } = this.#parts;
    await writer.exclusive(() => {
      if (!writer.idle || this.#parts.arriving()) return Promise.resolve();
      const used = new Uint8Array(registry.bound);
      for (const block of blocks.all) for (const number of block.seriesNumbers) used[number] = 1;
      for (const { holds } of writer.heads) {
        const known = Math.min(holds.length, used.length);
        for (let i = 0; i < known; i++) if (holds[i] === 1) used[i] = 1;
      }
      const unused: number[] = [];
      for (let number = 0; number < used.length; number++) {
        if (used[number] === 0 && registry.knows(number)) unused.push(number);
      }
      const before = new Set(this.#unused);
      const gone = unused.filter((number) => before.has(number));
      for (const number of gone) {
        state.forget(number);
        window.forget(number);
      }
      registry.remove(gone);
      this.#unused = unused.filter((number) => !before.has(number));
      return Promise.resolve();
    });
  }

  /** As {@link compactHeads}, of those that are sealed now. @throws {StoreError} where one is left. */
  async compactAllHeads(signal: AbortSignal): Promise<void> {
    const { writer } = this.#parts;
    const sealed = writer.sealed();
    await this.compactHeads(signal);
    if (sealed.every((head) => !writer.heads.includes(head))) return;
    throw signal.aborted ? new StoreError('closed', 'the store is closed') : notWritten();
  }

  /** Rewrites every block without the samples in question. Heads must have become blocks before. @throws {StoreError} */
  async deleteSamples(deletion: Deletion, signal: AbortSignal): Promise<void> {
    const wanted = new Set(deletion.numbers);
    for (const block of this.#parts.blocks.byTime()) {
      if (block.minTime > deletion.end || block.maxTime < deletion.start) continue;
      if (!block.seriesNumbers.some((number) => wanted.has(number))) continue;
      if (!(await this.#rewrite([block], deletion, signal))) throw notWritten();
    }
  }

  /** Rewrites a block of another store, or of this one at an earlier time, under the numbers that series have here. */
  async takeOver(folder: string, meta: BlockMeta): Promise<void> {
    const { blocks } = this.#parts;
    const foreign = await blocks.foreign(folder, meta);
    const renumber = { series: foreign.seriesNumbers, sources: foreign.sourceNumbers };
    const block = await this.#write([{ ...foreign.asInput(), renumber }], []);
    if (block === undefined) throw new StoreError('unavailable', `${folder} could not be taken over`);
    blocks.replace([], [block]);
  }

  /** After a read of a block failed: what of its files is damaged is moved aside. Returns whether any was. */
  async setAsideIfDamaged(file: DataFile): Promise<boolean> {
    const { blocks, damage } = this.#parts;
    const block = blocks.all.find((other) => other === file);
    if (block === undefined) return false;
    const rest = await setDamagedFilesAside(block.folder, block.meta, 'bytes', damage);
    if (rest === undefined) return false;
    block.keep(rest);
    return true;
  }

  async #compactHead(head: Head, signal?: AbortSignal): Promise<void> {
    const { database, blocks, writer } = this.#parts;
    // Two processes may have a DuckDB file open only where both just read it.
    const free = await whileUnread([head.lease], () => head.makeReadOnly(database), PATIENCE);
    if (!free) return;
    const block = await this.#write([head.asInput()], [head.name], undefined, signal);
    if (block === undefined) return;
    blocks.replace([], [block]);
    writer.remove(head);
    await this.#dropHead(head);
  }

  /** Says whether the new block is there. */
  async #rewrite(run: readonly Block[], deletion?: Deletion, signal?: AbortSignal): Promise<boolean> {
    const { blocks } = this.#parts;
    const inputs = run.map((block) => block.asInput());
    const names = run.map((block) => block.name);
    const block = await this.#write(inputs, names, deletion, signal);
    if (block === undefined) {
      // It would fail again and again.
      if (signal?.aborted !== true) for (const old of run) await this.setAsideIfDamaged(old);
      return false;
    }
    blocks.replace(run, [block]);
    for (const old of run) await whileUnread([old.lease], () => rm(old.folder, { recursive: true, force: true }));
    return true;
  }

  async #write(
    inputs: Parameters<typeof writeBlock>[0]['inputs'],
    from: readonly string[],
    deletion?: Deletion,
    signal?: AbortSignal,
  ): Promise<Block | undefined> {
    const { catalog, blocks, config, folders, logger } = this.#parts;
    const target = blocks.nextFolder();
    const begun = performance.now();
    try {
      const job = {
        inputs,
        from,
        store: catalog.storeId,
        target,
        memory: splitMemoryBudget(config.memory).compaction,
        spill: folders.spill,
      };
      const meta = await writeBlock(deletion === undefined ? job : { ...job, deletion }, signal);
      compactions.inc({ outcome: 'written' });
      this.#once.clear('compaction');
      const seconds = Math.round(performance.now() - begun) / 1000;
      logger.info(
        { block: target, from, samples: meta.samples, logRecords: meta.logRecords, seconds },
        'block written',
      );
      return await blocks.open(target, meta);
    } catch (error) {
      if (signal?.aborted) return undefined;
      compactions.inc({ outcome: 'failed' });
      const { message } = storeErrorOf(error, target);
      if (this.#once.fresh('compaction', message)) logger.error({ err: error, from }, 'block could not be written');
      return undefined;
    }
  }

  async #dropHead(head: Head, reason?: string): Promise<void> {
    const { writer, database, logger } = this.#parts;
    writer.remove(head);
    await whileUnread([head.lease], () => head.destroy(database));
    if (reason === undefined) return;
    retentionDrops.inc({ reason });
    logger.info({ file: head.path, reason }, 'old data dropped');
  }

  async #dropBlock(block: Block, reason: string): Promise<void> {
    const { blocks, logger } = this.#parts;
    blocks.replace([block], []);
    await whileUnread([block.lease], () => rm(block.folder, { recursive: true, force: true }));
    retentionDrops.inc({ reason });
    logger.info({ file: block.folder, reason }, 'old data dropped');
  }
}

function notWritten(): StoreError {
  return new StoreError(
    'unavailable',
    'not all data could be turned into blocks: a long query holds it, or the log says why',
  );
}

/** Runs of two or more neighbours of one UTC day that are small enough together. */
function mergeable(blocks: readonly Block[]): Block[][] {
  const runs: Block[][] = [];
  for (const block of blocks) {
    const run = runs.at(-1);
    const samples = (run ?? []).reduce((sum, other) => sum + other.samples, block.samples);
    const bytes = (run ?? []).reduce((sum, other) => sum + other.bytes, block.bytes);
    const sameDay = run !== undefined && Math.floor(run[0].minTime / DAY) === Math.floor(block.minTime / DAY);
    if (run !== undefined && sameDay && samples <= MERGE_SAMPLES && bytes <= MERGE_BYTES) run.push(block);
    else runs.push([block]);
  }
  return runs.filter((run) => run.length > 1);
}
