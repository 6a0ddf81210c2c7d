import { closeSync, fstatSync } from 'node:fs';
import { type Logger, LogOnce } from '../../lib/logger.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { LogsConfig } from '../config.ts';
import type { Candidate, Discovery } from './discover.ts';
import type { Surroundings } from '../enrich.ts';
import { type OpenFile, binaryReason, keyOfFile, lookUp, openFile, readHead } from './identity.ts';
import { rotations } from '../metrics.ts';
import { Opener } from './opener.ts';
import { rotatedAfter } from './rotated.ts';
import type { Delivery, TailedFile } from './tail.ts';

/** A file that has not grown for so long is looked at in every fourth poll only. */
const QUIET_AFTER = 10_000;
const QUIET_EVERY = 4;
/** Where no folder changed, files are looked up in every tenth scan only: permissions and targets of links may have changed. */
const UNCHANGED_EVERY = 10;

export interface FileSetOptions {
  readonly config: LogsConfig;
  readonly discover: () => Discovery;
  readonly checkpoint: Checkpoint;
  readonly surroundings: Surroundings;
  readonly logger: Logger;
}

/**
 * The files that are followed, by device and inode. `scan` opens and lets go, `poll` asks for new bytes, `next` says whose turn
 * it is. A file goes: empty (no bytes yet, so neither its form nor its identity is certain) → followed → rotated out (renamed or
 * removed; read to its end) → closed.
 */
export class FileSet {
  readonly #options: FileSetOptions;
  readonly #opener: Opener;
  readonly #files = new Map<string, TailedFile>();
  readonly #empty = new Map<string, { open: OpenFile; candidate: Candidate }>();
  readonly #skipped = new Map<string, { reason: string; key?: string }>();
  readonly #once = new LogOnce();
  #queue: TailedFile[] = [];
  #polls = 0;
  #scans = 0;
  #skippedElsewhere: ReadonlyMap<string, string> = new Map();

  constructor(options: FileSetOptions) {
    this.#options = options;
    this.#opener = new Opener(options);
  }

  files(): IterableIterator<TailedFile> {
    return this.#files.values();
  }

  /** Paths of files that are open and have no bytes. */
  emptyPaths(): string[] {
    return [...this.#empty.values()].map(({ candidate }) => candidate.path);
  }

  skipped(): Map<string, string> {
    const reasons = new Map(this.#skippedElsewhere);
    for (const [path, { reason }] of this.#skipped) reasons.set(path, reason);
    return reasons;
  }

  /** Opens files that are new, notes those that were renamed or removed. */
  scan(now: number): void {
    const { candidates, skipped, globs, changed } = this.#options.discover();
    if (!changed && this.#scans++ % UNCHANGED_EVERY !== 0) return;
    this.#skippedElsewhere = skipped;
    for (const [path, reason] of skipped) this.#sayOnce(path, reason);
    const keys = new Map<string, Candidate>();
    const paths = new Set(candidates.map(({ path }) => path));
    for (const path of this.#skipped.keys()) if (!paths.has(path)) this.#skipped.delete(path);
    for (const candidate of candidates) {
      const found = lookUp(candidate.path);
      if ('reason' in found) this.#skip(candidate.path, found.reason);
      else if (!keys.has(found.key)) {
        keys.set(found.key, candidate);
        this.#admit(found.key, candidate, now);
      }
    }
    this.#noteLeaving(keys, now);
    this.#options.checkpoint.setGlobs(globs);
  }

  /** Looks for files of the checkpoint that lie beside their old place under another name: rotated while nobody looked. */
  adoptRenamed(now: number): void {
    const { checkpoint } = this.#options;
    const open = new Set([...this.#files.values()].map(({ source }) => source.id));
    const left = [...checkpoint.entries()].filter(({ id }) => !open.has(id));
    for (const entry of left) {
      if (this.#empty.has(keyOfFile(entry))) continue;
      const renamed = this.#opener.findRenamed(entry);
      if (renamed === undefined) checkpoint.delete(entry.id);
      else this.#adopt(renamed.file, now);
      for (const path of rotatedAfter(entry.path, renamed?.path)) {
        const unseen = this.#opener.openUnseen(path, entry.path);
        if (unseen !== undefined) this.#adopt(unseen, now);
      }
    }
  }

  /** Asks open files for new bytes, and closes those that left and were read to the end. */
  poll(now: number): void {
    for (const [key, { open, candidate }] of this.#empty) {
      if (fstatSync(open.fd).size === 0) continue;
      this.#empty.delete(key);
      this.#tryFollow(key, candidate, open, false, now);
    }
    const looksAtQuiet = this.#polls++ % QUIET_EVERY === 0;
    for (const [key, file] of this.#files) {
      if (file.busy || (!looksAtQuiet && now - file.grewAt > QUIET_AFTER)) continue;
      this.#look(key, file, now);
    }
    if (this.#queue.length === 0) this.#queue = [...this.#files.values()];
  }

  /** The file whose turn it is among those that have something to read. Each has one turn a round. */
  next(isFree: (file: TailedFile) => boolean): TailedFile | undefined {
    for (let rounds = 0; rounds < 2; rounds++) {
      for (let file = this.#queue.pop(); file !== undefined; file = this.#queue.pop()) {
        if (this.has(file) && file.hasWork() && isFree(file) && !this.#mustWait(file)) return file;
      }
      this.#queue = [...this.#files.values()];
    }
    return undefined;
  }

  has(file: TailedFile): boolean {
    return this.#files.get(keyOfFile(file.open)) === file;
  }

  /** Moves the file's places, and its entry in the checkpoint, past an accepted delivery. */
  accept(file: TailedFile, delivery: Delivery): void {
    if (file.accept(delivery) && this.has(file)) this.#options.checkpoint.set(file.entry());
  }

  /** Lets go of a file that can't be read any more. */
  fail(file: TailedFile, error: Error): void {
    this.#drop(keyOfFile(file.open), file);
    this.#skip(file.path, `unreadable: ${error.message}`, keyOfFile(file.open));
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    for (const { open } of this.#empty.values()) closeSync(open.fd);
    this.#files.clear();
    this.#empty.clear();
  }

  #admit(key: string, candidate: Candidate, now: number): void {
    const { path } = candidate;
    const known = this.#files.get(key);
    if (known !== undefined) {
      known.path = path;
      known.rotatedOut = undefined;
      known.final = false;
      return;
    }
    if (this.#empty.has(key) || this.#skipped.get(path)?.key === key) return;
    if (this.#files.size + this.#empty.size >= this.#options.config.max_files)
      return this.#skip(path, `more than ${this.#options.config.max_files} files (max_files)`);
    const open = openFile(path);
    if ('reason' in open) return this.#skip(path, open.reason);
    this.#skipped.delete(path);
    this.#once.clear(path);
    if (fstatSync(open.fd).size === 0) this.#empty.set(key, { open, candidate });
    else this.#tryFollow(key, candidate, open, true, now);
  }

  #look(key: string, file: TailedFile, now: number): void {
    try {
      if (!file.refresh(now)) this.#restart(key, file);
      else if (file.rotatedOut !== undefined) this.#leave(key, file, now);
    } catch (error) {
      this.fail(file, error as Error);
    }
  }

  /** A file may open and then not be readable: on a broken disk, or on a network share that went away. */
  #tryFollow(key: string, candidate: Candidate, open: OpenFile, old: boolean, now: number): void {
    try {
      this.#follow(key, candidate, open, old, now);
    } catch (error) {
      this.#files.delete(key);
      closeSync(open.fd);
      this.#skip(candidate.path, `unreadable: ${(error as Error).message}`, key);
    }
  }

  #follow(key: string, candidate: Candidate, open: OpenFile, old: boolean, now: number): void {
    const reason = binaryReason(readHead(open.fd));
    if (reason !== undefined) {
      closeSync(open.fd);
      return this.#skip(candidate.path, reason, key);
    }
    const file = this.#opener.start(candidate, open, old);
    this.#files.set(key, file);
    file.refresh(now);
    this.#options.checkpoint.set(file.entry());
  }

  #adopt(file: TailedFile, now: number): void {
    file.rotatedOut = 'rename';
    file.grewAt = now;
    this.#files.set(keyOfFile(file.open), file);
    this.#options.checkpoint.set(file.entry());
  }

  /** The content was replaced: what comes is read from the beginning as a new source. */
  #restart(key: string, file: TailedFile): void {
    const { checkpoint, logger } = this.#options;
    rotations.inc({ kind: 'truncate' });
    logger.info({ file: file.path, at: file.position }, 'log file was truncated, reading from its beginning');
    checkpoint.delete(file.source.id);
    checkpoint.set(file.nextGeneration());
    this.#files.delete(key);
    this.#empty.set(key, { open: file.open, candidate: file });
  }

  #noteLeaving(keys: ReadonlyMap<string, Candidate>, now: number): void {
    for (const [key, file] of this.#files) {
      if (keys.has(key) || file.rotatedOut !== undefined) continue;
      file.rotatedOut = fstatSync(file.open.fd).nlink === 0 ? 'remove' : 'rename';
      file.grewAt = now;
      rotations.inc({ kind: file.rotatedOut });
    }
    for (const [key, { open }] of this.#empty) {
      if (keys.has(key) || fstatSync(open.fd).size > 0) continue;
      closeSync(open.fd);
      this.#empty.delete(key);
    }
  }

  #leave(key: string, file: TailedFile, now: number): void {
    if (now - file.grewAt < this.#options.config.rotate_wait || !file.isDrained()) return;
    file.final = true;
    if (!file.hasWork() && file.inFlight.length === 0) this.#drop(key, file);
  }

  #drop(key: string, file: TailedFile): void {
    this.#files.delete(key);
    this.#options.checkpoint.delete(file.source.id);
    file.close();
  }

  /** A file under the name of one that was renamed waits until that one's lines are read; of several such the older is first. */
  #mustWait(file: TailedFile): boolean {
    for (const other of this.#files.values()) {
      if (other === file && file.rotatedOut !== undefined) return false;
      if (other.rotatedOut !== undefined && other.path === file.path && !other.isDrained()) return true;
    }
    return false;
  }

  #skip(path: string, reason: string, key?: string): void {
    this.#skipped.set(path, { reason, key });
    this.#sayOnce(path, reason);
  }

  #sayOnce(path: string, reason: string): void {
    if (this.#once.fresh(path, reason)) this.#options.logger.info({ file: path, reason }, 'log file is not followed');
  }
}
