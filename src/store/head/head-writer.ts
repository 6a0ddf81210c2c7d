import type { DuckDBConnection } from '@duckdb/node-api';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { TimeSlice } from '../../lib/time/time-slice.ts';
import type { Clock } from '../../lib/time/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { LogOnce } from '../../lib/logger.ts';
import type { StoreConfig } from '../config.ts';
import type { Database } from '../duck.ts';
import { StoreError, storeErrorOf } from '../errors.ts';
import { NO_ROWS } from '../blocks/data-file.ts';
import { Head, HeadTransaction } from './head.ts';
import type { HeadMark } from './head.ts';
import { writeRowCounts } from './row-counts.ts';
import { whileUnread } from '../lease.ts';
import type { Lease } from '../lease.ts';
import { commitFailures, commitSeconds } from '../metrics.ts';

/** Rows that one caller wants to see safely on disk. */
export interface WriteJob {
  /** The oldest of what readers may look for in memory, milliseconds; Infinity where they never do. */
  readonly oldest: number;
  append(transaction: HeadTransaction): Promise<void>;
  /** The rows are safe; runs before the caller hears of it. */
  committed(head: Head): void;
  /** Nothing of the job is on disk; runs before the caller hears of it, after that of every later job. */
  failed(): void;
}

export interface HeadWriterOptions {
  readonly database: Database;
  /** Of the head files. */
  readonly folder: string;
  readonly heads: readonly Head[];
  /** Number of the next head file. */
  readonly nextHead: number;
  /** Of what else is read through the database. */
  leases(): readonly Lease[];
  /** A commit failed; runs before the jobs hear of it. */
  failing(): void;
  /** A commit failed, and no job waits any more: what is not on disk was refused. */
  refused(): void;
  /** `block`: milliseconds that one head covers; `commit_interval`: milliseconds to gather jobs before a commit. */
  readonly config: Pick<StoreConfig, 'block' | 'commit_interval'>;
  /** Bytes at which a head is full. */
  readonly headBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Waiting {
  readonly job: WriteJob;
  /** Where the head stood when the job was committed. */
  mark?: HeadMark;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

/** Milliseconds that writers wait for readers of a head that is full. */
const PATIENCE = 1000;

/** Below this much free space writes are refused, so that DuckDB can still finish its checkpoint. */
const RESERVE_BYTES = 48 * 1024 ** 2;

/**
 * Appends to the newest head, many callers in one commit: whoever comes while a commit is under way shares the next.
 *
 * A commit that fails fails every job that waits, too: a later job may rest on the rows of an earlier one (offsets of a
 * log, times of a series), so none may pass it.
 */
export class HeadWriter {
  readonly #options: HeadWriterOptions;
  readonly #once = new LogOnce();
  #heads: Head[];
  #nextHead: number;
  #connection: DuckDBConnection | undefined;
  #pending: Waiting[] = [];
  #committing: readonly Waiting[] = [];
  #cycle: Promise<void> = Promise.resolve();
  #running = false;
  #turn: Promise<void> = Promise.resolve();
  /** Ends the gathering that is under way. */
  #endGathering: () => void = () => undefined;
  #hurried = false;
  #failing = false;
  #broken = false;
  #closed = false;

  constructor(options: HeadWriterOptions) {
    this.#options = options;
    this.#heads = [...options.heads];
    this.#nextHead = options.nextHead;
  }

  /** Oldest first; the last takes the writes. */
  get heads(): readonly Head[] {
    return this.#heads;
  }

  /** No head of these takes writes any more. */
  sealed(): readonly Head[] {
    return this.#heads.slice(0, -1);
  }

  remove(head: Head): void {
    this.#heads = this.#heads.filter((other) => other !== head);
  }

  /** Resolves when the job's rows are committed. `urgent` does not wait for company. @throws {StoreError} */
  submit(job: WriteJob, urgent: boolean): Promise<void> {
    if (this.#closed) {
      job.failed();
      return Promise.reject(new StoreError('closed', 'the store is closed'));
    }
    let resolve: () => void = () => undefined;
    let reject: (error: StoreError) => void = () => undefined;
    const done = new Promise<void>((...settle) => ([resolve, reject] = settle));
    this.#pending.push({ job, done, resolve, reject });
    if (!this.#running) this.#cycle = this.#gatherAndCommit();
    if (urgent) this.#hurry();
    return done;
  }

  /** Runs `work` while no commit is under way and no job is half done. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    let done: () => void = () => undefined;
    this.#turn = new Promise((resolve) => (done = resolve));
    await before;
    try {
      return await work();
    } finally {
      done();
    }
  }

  /** Every job was committed or refused. */
  get idle(): boolean {
    return this.#pending.length === 0 && this.#committing.length === 0;
  }

  /** The oldest of what is neither committed nor refused, milliseconds; Infinity where there is none. */
  get oldestWaiting(): number {
    return [...this.#committing, ...this.#pending].reduce((oldest, { job }) => Math.min(oldest, job.oldest), Infinity);
  }

  /** The last commit failed, so the next may, too. */
  get failing(): boolean {
    return this.#failing;
  }

  /**
   * Resolves when each job handed in so far that holds anything up to `time` was committed or refused. Returns where the
   * heads stood then, so that a reader can leave out jobs handed in later, of which it may see only a part.
   */
  async settled(time: number): Promise<HeadMark> {
    // In the order in which they came, they are also settled.
    const last = [...this.#committing, ...this.#pending].findLast(({ job }) => job.oldest <= time);
    if (last === undefined) return this.#mark();
    this.#hurry();
    await last.done.catch(() => undefined);
    return last.mark ?? this.#mark();
  }

  #mark(): HeadMark {
    const head = this.#heads.at(-1);
    return { head, rows: head?.rows ?? NO_ROWS };
  }

  /** Starts a new head; the one before is sealed. Call within {@link exclusive}. */
  async rotate(): Promise<void> {
    const { database, folder, clock } = this.#options;
    const name = `head-${String(this.#nextHead++).padStart(6, '0')}`;
    const head = await Head.create(database, join(folder, `${name}.duckdb`), name, clock.now());
    const sealed = this.#heads.at(-1);
    this.#heads = [...this.#heads, head];
    // Closing it for writing gives the memory back that DuckDB pins. Where a reader holds it, compaction does it later.
    if (sealed !== undefined) await whileUnread([sealed.lease], () => sealed.makeReadOnly(database), PATIENCE);
  }

  /** Commits what waits and takes nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#hurry();
    await this.#cycle;
    await this.#turn;
    this.#connection?.closeSync();
  }

  async #gatherAndCommit(): Promise<void> {
    this.#running = true;
    while (this.#pending.length > 0) {
      await this.#gathered();
      await this.exclusive(() => this.#commitPending());
    }
    // In the tick of the last look at what waits: a job that comes later starts a cycle of its own.
    this.#running = false;
  }

  #gathered(): Promise<void> {
    if (this.#hurried) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(this.#options.config.commit_interval, resolve);
      this.#endGathering = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Whoever waits is committed at once, or right after the commit that is under way. */
  #hurry(): void {
    this.#hurried = true;
    this.#endGathering();
  }

  async #commitPending(): Promise<void> {
    const jobs = this.#pending.splice(0);
    this.#committing = jobs;
    this.#hurried = this.#closed;
    const begun = performance.now();
    try {
      await this.#checkSpace();
      const head = await this.#activeHead();
      await this.#commit(head, jobs);
      commitSeconds.observe((performance.now() - begun) / 1000);
      if (this.#once.clear('commit')) this.#options.logger.info('store takes writes again');
    } catch (error) {
      this.#fail(storeErrorOf(error, this.#options.folder), jobs);
    }
  }

  async #commit(head: Head, jobs: readonly Waiting[]): Promise<void> {
    this.#connection ??= await this.#options.database.connect();
    const transaction = await HeadTransaction.begin(this.#options.database.duck, this.#connection, head);
    try {
      const slice = new TimeSlice();
      for (const waiting of jobs) {
        await waiting.job.append(transaction);
        waiting.mark = { head, rows: transaction.rows };
        if (slice.due) await slice.pause();
      }
      await transaction.commit();
      head.rows = transaction.rows;
      await this.#recordRows(head);
    } catch (error) {
      await transaction.rollback();
      this.#broken = true;
      throw error;
    }
    this.#committing = [];
    this.#failing = false;
    for (const { job, resolve } of jobs) {
      job.committed(head);
      resolve();
    }
  }

  /** A count that cannot be written is older than the head, which does no harm. */
  async #recordRows(head: Head): Promise<void> {
    try {
      await writeRowCounts(head.path, head.rows);
    } catch (error) {
      if (this.#once.fresh('rows', (error as Error).message)) {
        this.#options.logger.warn({ err: error }, 'number of rows not recorded: damage to the head may go unnoticed');
      }
    }
  }

  #fail(error: StoreError, jobs: readonly Waiting[]): void {
    commitFailures.inc({ reason: error.reason });
    if (this.#once.fresh('commit', error.reason)) {
      this.#options.logger.error({ err: error.cause ?? error, reason: error.reason }, 'store cannot write');
    }
    const failed = [...jobs, ...this.#pending.splice(0)];
    this.#committing = [];
    this.#options.failing();
    for (const waiting of failed.toReversed()) {
      waiting.mark = undefined;
      waiting.job.failed();
    }
    if (!this.#failing) this.#options.refused();
    this.#failing = true;
    for (const { reject } of failed) reject(error);
  }

  async #checkSpace(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#options.folder);
    if (bavail * bsize < RESERVE_BYTES) {
      throw new StoreError('disk_full', `${this.#options.folder}: no space left on the disk`);
    }
  }

  async #activeHead(): Promise<Head> {
    const { clock, config, headBytes } = this.#options;
    if (this.#broken) await this.#recover();
    const active = this.#heads.at(-1);
    const full =
      active !== undefined && (Math.abs(clock.now() - active.created) >= config.block || active.fileBytes >= headBytes);
    if (active === undefined || full) await this.rotate();
    return this.#heads[this.#heads.length - 1];
  }

  /** After a failed commit DuckDB may refuse all further work: open everything anew, which also replays the log. */
  async #recover(): Promise<void> {
    const { database } = this.#options;
    this.#connection?.closeSync();
    this.#connection = undefined;
    const leases = [...this.#heads.map((head) => head.lease), ...this.#options.leases()];
    await whileUnread(leases, async () => {
      await database.reopen();
      for (const head of this.#heads) await head.attach(database, head.readOnly);
    });
    this.#broken = false;
  }
}
