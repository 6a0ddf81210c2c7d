import { closeSync, existsSync, fstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from '../../lib/logger.ts';
import type { LogsConfig } from '../config.ts';
import { type Surroundings, enrich } from '../enrich.ts';
import { bytesLost, rotations } from '../metrics.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Candidate, Discovery, FileRules } from './discover.ts';
import { FollowedFiles } from './followed.ts';
import { type OpenFile, binaryReason, lookUp, openFile, readHead, reasonOf } from './identity.ts';
import { LatePods } from './late-pods.ts';
import { Opener } from './opener.ts';
import { Recovery } from './recovery.ts';
import { SkippedFiles } from './skipped.ts';
import type { Delivery, TailedFile } from './tail.ts';

/** A file that has not grown for so long is looked at in every fourth poll only. */
const QUIET_AFTER = 10_000;
const QUIET_EVERY = 4;
/** Where no folder changed, files are looked up in every tenth scan only: permissions and targets of links may have changed. */
const UNCHANGED_EVERY = 10;
/** Milliseconds until a file that could not be read is tried again. */
const RETRY_AFTER = 1000;
/** A renamed or removed file that cannot be read so often in a row is given up: the file behind it waits for it. */
const MOST_FAILURES = 30;

export interface FileSetOptions {
  readonly config: LogsConfig;
  readonly rules: FileRules;
  readonly checkpoint: Checkpoint;
  readonly surroundings: Surroundings;
  readonly host: string;
  /** Where packed files are unpacked. */
  readonly folder: string;
  readonly logger: Logger;
}

/**
 * The files that are followed, by device and inode. `scan` opens new ones and notes those that left, `poll` asks for new bytes,
 * `next` says whose turn it is. A file goes: empty (no bytes yet) → followed → rotated out (renamed or removed; read to its end)
 * → finished. What was rotated between two looks, or while the program was away, is found beside the file and read first.
 */
export class FileSet {
  readonly #options: FileSetOptions;
  readonly #opener: Opener;
  readonly #recovery: Recovery;
  readonly #skipped: SkippedFiles;
  readonly #followed: FollowedFiles;
  readonly #latePods: LatePods;
  /** The file that was last seen at a path. */
  readonly #keyAt = new Map<string, string>();
  #rules: FileRules;
  #queue: TailedFile[] = [];
  #polls = 0;
  #scans = 0;

  constructor(options: FileSetOptions) {
    this.#options = options;
    this.#rules = options.rules;
    this.#opener = new Opener(options);
    this.#latePods = new LatePods(options.surroundings);
    this.#skipped = new SkippedFiles(options.logger);
    this.#followed = new FollowedFiles(options.config);
    this.#recovery = new Recovery({ ...options, followed: this.#followed, opener: this.#opener }, options.rules);
  }

  files(): IterableIterator<TailedFile> {
    return this.#followed.files.values();
  }

  /** Paths of files that are open and have no bytes. */
  emptyPaths(): string[] {
    return [...this.#followed.empty.values()].map(({ candidate }) => candidate.path);
  }

  /** Path to reason. */
  skipped(): Map<string, string> {
    return this.#skipped.reasons();
  }

  /** Other files are asked for from the next scan on; those that are not any more are closed. */
  setRules(rules: FileRules): void {
    this.#rules = rules;
    this.#recovery.setRules(rules);
    this.#scans = 0;
    for (const [key, file] of this.#followed.files) {
      const rule = rules.ruleOf(file.path);
      if (rule === undefined) this.#close(key, file);
      else if (JSON.stringify(rule) !== JSON.stringify(file.rule))
        file.follow(file.path, rule, enrich(file.path, this.#options.surroundings, rule.fields));
    }
  }

  /** Opens files that are new, notes those that were renamed or removed. */
  scan(now: number): void {
    const discovery = this.#rules.discover();
    if (!discovery.changed && this.#scans++ % UNCHANGED_EVERY !== 0) return;
    this.#scanAll(discovery, now);
  }

  /** Finds what was rotated while the program was away; called once, after the first scan. */
  recover(now: number): void {
    this.#recovery.recover(now);
  }

  /** Asks open files for new bytes, and closes those that left and were read to the end. */
  poll(now: number): void {
    for (const [key, { open, candidate }] of this.#followed.empty) {
      if (fstatSync(open.fd).size === 0) continue;
      this.#followed.empty.delete(key);
      this.#tryFollow(key, candidate, open, false, now);
    }
    const looksAtQuiet = this.#polls++ % QUIET_EVERY === 0;
    for (const [key, file] of this.#followed.files) {
      this.#latePods.complete(file, now);
      if (file.busy || (!looksAtQuiet && now - file.grewAt > QUIET_AFTER)) continue;
      this.#look(key, file, now);
    }
    if (this.#queue.length === 0) this.#queue = [...this.#followed.files.values()];
    this.#recovery.unpackNext(now);
  }

  /** The file whose turn it is among those that have something to read. Each has one turn a round. */
  next(isFree: (file: TailedFile) => boolean): TailedFile | undefined {
    for (let rounds = 0; rounds < 2; rounds++) {
      for (let file = this.#queue.pop(); file !== undefined; file = this.#queue.pop()) {
        if (this.has(file) && file.hasWork() && isFree(file) && !this.#latePods.holds(file) && !this.#mustWait(file))
          return file;
      }
      this.#queue = [...this.#followed.files.values()];
    }
    return undefined;
  }

  has(file: TailedFile): boolean {
    return this.#followed.files.get(file.key) === file;
  }

  /** Moves the file's places, and its entry in the checkpoint, past an accepted delivery. */
  accept(file: TailedFile, delivery: Delivery, now: number): void {
    if (file.accept(delivery, now) && this.has(file)) this.#options.checkpoint.set(file.entry());
  }

  /** A file that could not be read keeps its place and is tried again after a while. */
  fail(file: TailedFile, error: unknown, now: number): void {
    const failures = (file.trouble?.failures ?? 0) + 1;
    file.trouble = { reason: reasonOf(error), until: now + RETRY_AFTER, failures };
    if (failures > MOST_FAILURES && file.rotatedOut !== undefined) return this.#giveUp(file);
    if (file.inFlight.length === 0 && file.rotatedOut === undefined) this.#reopen(file);
  }

  close(): void {
    this.#recovery.close();
    for (const file of this.#followed.files.values()) file.close();
    for (const { open } of this.#followed.empty.values()) closeSync(open.fd);
    this.#followed.files.clear();
    this.#followed.empty.clear();
  }

  #scanAll({ candidates, skipped, globs }: Discovery, now: number): void {
    const paths = new Set(candidates.map(({ path }) => path));
    this.#skipped.setDiscovered(skipped, paths);
    const keys = new Map<string, Candidate>();
    for (const candidate of candidates) {
      const found = lookUp(candidate.path);
      if ('reason' in found) this.#skipped.add(candidate.path, found.reason);
      else if (!keys.has(found.key)) {
        keys.set(found.key, candidate);
        this.#admit(found, candidate, now);
      }
    }
    this.#noteLeaving(keys, now);
    for (const path of this.#keyAt.keys())
      if (!paths.has(path) && !this.#followed.isFollowed(path)) this.#keyAt.delete(path);
    this.#options.checkpoint.setGlobs(globs);
    this.#options.checkpoint.forgetFinished((path) => paths.has(path) || existsSync(dirname(path)));
  }

  #admit({ key, size }: { key: string; size: number }, candidate: Candidate, now: number): void {
    const { path } = candidate;
    const before = this.#keyAt.get(path);
    const known = this.#followed.files.get(key);
    if (before !== undefined && before !== key) this.#recovery.followUnseen(path, this.#sinceOf(path, now), now, key);
    this.#keyAt.set(path, key);
    if (known !== undefined) {
      known.path = path;
      known.rotatedOut = undefined;
      known.final = false;
      return;
    }
    if (this.#followed.empty.has(key) || this.#skipped.isWaiting(path, key, size, now)) return;
    if (this.#followed.isFull()) return this.#skipped.add(path, this.#followed.limitReason);
    const open = openFile(path);
    if ('reason' in open) return this.#skipped.add(path, open.reason);
    this.#skipped.delete(path);
    const isFirst = !this.#options.checkpoint.hasPath(path) && !this.#followed.isFollowed(path);
    if (isFirst && this.#opener.readsFromBeginning(candidate.rule.containers))
      this.#recovery.followUnseen(path, 0, now, key);
    if (size === 0) this.#followed.empty.set(key, { open, candidate });
    else this.#tryFollow(key, candidate, open, true, now);
  }

  #look(key: string, file: TailedFile, now: number): void {
    if (file.trouble !== undefined) {
      if (now < file.trouble.until) return;
      file.trouble = { ...file.trouble, until: 0 };
    }
    try {
      if (!file.refresh(now)) return this.#restart(key, file, now);
      if (file.rotatedOut !== undefined) return this.#leave(key, file, now);
      if (file.isWaiting() && now - file.grewAt > this.#options.config.partial_wait) file.flush = true;
    } catch (error) {
      this.fail(file, error, now);
    }
  }

  /** A file may open and then not be readable: on a broken disk, or on a network share that went away. */
  #tryFollow(key: string, candidate: Candidate, open: OpenFile, old: boolean, now: number): void {
    try {
      this.#follow(key, candidate, open, old, now);
    } catch (error) {
      this.#followed.files.delete(key);
      closeSync(open.fd);
      this.#skipped.addUnreadable(candidate.path, reasonOf(error), key, now);
    }
  }

  #follow(key: string, candidate: Candidate, open: OpenFile, old: boolean, now: number): void {
    const { path, rule } = candidate;
    const reason = rule.containers ? undefined : binaryReason(readHead(open.fd));
    if (reason !== undefined) {
      const { size } = fstatSync(open.fd);
      closeSync(open.fd);
      return this.#skipped.addContent(path, reason, key, size);
    }
    const file = this.#opener.start(candidate, open, old, now);
    this.#followed.files.set(key, file);
    file.refresh(now);
    this.#options.checkpoint.set(file.entry());
  }

  /** The content was replaced: what comes is read from the beginning as a new source. */
  #restart(key: string, file: TailedFile, now: number): void {
    const { checkpoint, logger } = this.#options;
    rotations.inc({ kind: 'truncate' });
    logger.info({ file: file.path, at: file.position }, 'log file was truncated, reading from its beginning');
    this.#followed.files.delete(key);
    this.#followed.empty.set(key, { open: file.open, candidate: file });
    checkpoint.finish({ ...file.entry(), print: file.print() });
    checkpoint.set(this.#opener.nextGeneration(file));
    this.#recovery.followCopy(file, now);
  }

  #giveUp(file: TailedFile): void {
    bytesLost.inc({ reason: 'unreadable' }, file.unread);
    this.#options.logger.error({ file: file.path, ...file.trouble }, 'a rotated log file is given up');
    this.#close(file.key, file);
  }

  #noteLeaving(keys: ReadonlyMap<string, Candidate>, now: number): void {
    for (const [key, file] of this.#followed.files) {
      if (keys.has(key) || file.rotatedOut !== undefined) continue;
      file.rotatedOut = fstatSync(file.open.fd).nlink === 0 ? 'remove' : 'rename';
      file.grewAt = now;
      rotations.inc({ kind: file.rotatedOut });
    }
    for (const [key, { open }] of this.#followed.empty) {
      if (keys.has(key) || fstatSync(open.fd).size > 0) continue;
      closeSync(open.fd);
      this.#followed.empty.delete(key);
    }
  }

  #leave(key: string, file: TailedFile, now: number): void {
    if (now - file.grewAt < this.#options.config.rotate_wait || !file.isDrained()) return;
    file.final = true;
    if (file.hasWork() || file.inFlight.length > 0) return;
    this.#options.checkpoint.finish({ ...file.entry(), print: file.print() });
    this.#followed.files.delete(key);
    file.close();
  }

  /** It is not asked for any more. */
  #close(key: string, file: TailedFile): void {
    this.#followed.files.delete(key);
    this.#options.checkpoint.delete(file.source.id);
    if (!file.busy) file.close();
  }

  /** The path may lead to the same file again after its share was mounted anew. */
  #reopen(file: TailedFile): void {
    const found = lookUp(file.path);
    if ('reason' in found || found.key !== file.key || file.busy) return;
    const open = openFile(file.path);
    if ('reason' in open) return;
    const again = this.#opener.resume(file, open, file.entry());
    again.trouble = file.trouble;
    this.#followed.files.set(file.key, again);
    file.close();
  }

  /** When the file at a path was first followed; `now` where none is. */
  #sinceOf(path: string, now: number): number {
    const known = [...this.#followed.files.values(), ...this.#options.checkpoint.entries()];
    return Math.min(now, ...known.filter((file) => file.path === path).map(({ since }) => since));
  }

  /** A file under the name of one that was renamed waits until that one's lines are read; of several such the older is first. */
  #mustWait(file: TailedFile): boolean {
    for (const other of this.#followed.files.values()) {
      if (other === file && file.rotatedOut !== undefined) return false;
      if (other.rotatedOut !== undefined && other.path === file.path && !other.isDrained()) return true;
    }
    return false;
  }
}
