import { existsSync, fstatSync } from 'node:fs';
import type { Logger } from '../../lib/logger.ts';
import { bytesLost } from '../metrics.ts';
import type { Checkpoint, CheckpointEntry } from './checkpoint.ts';
import { hasPrint } from './content.ts';
import type { Candidate, FileRules } from './discover.ts';
import type { FollowedFiles } from './followed.ts';
import { type OpenFile, closeFile, keyOfFile } from './identity.ts';
import type { Opener } from './opener.ts';
import { PackedFiles } from './packed-files.ts';
import { type RotatedFile, Rotation, missingBytes } from './rotation.ts';
import type { TailedFile } from './tail.ts';

export interface RecoveryOptions {
  readonly followed: FollowedFiles;
  readonly opener: Opener;
  readonly checkpoint: Checkpoint;
  /** Where packed files are unpacked. */
  readonly folder: string;
  readonly logger: Logger;
}

/**
 * Follows a rotation to its end: what was renamed, copied or packed before it was read is read from the place reached; what
 * began and was rotated between two looks, from its beginning. What is not found is counted as lost.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #rotation: Rotation;
  readonly #packed: PackedFiles;
  #rules: FileRules;

  constructor(options: RecoveryOptions, rules: FileRules) {
    this.#options = options;
    this.#rules = rules;
    this.#rotation = new Rotation(options.checkpoint, (key) => options.followed.has(key));
    this.#packed = new PackedFiles(options.folder, options.logger);
  }

  setRules(rules: FileRules): void {
    this.#rules = rules;
  }

  /** Looks for the files of the checkpoint that are not where they were, and for those that came and went meanwhile. */
  recover(now: number): void {
    const { checkpoint, followed } = this.#options;
    const open = new Set([...followed.files.values()].map(({ source }) => source.id));
    // All entries take part before any goes: the inode of one may be that of another's file now.
    const entries = [...checkpoint.entries()];
    for (const entry of entries) {
      if (open.has(entry.id) || followed.empty.has(keyOfFile(entry))) continue;
      const rule = this.#rules.ruleOf(entry.path);
      if (rule === undefined) checkpoint.delete(entry.id);
      else this.#recoverEntry(entry, { path: entry.path, rule }, now);
    }
    const paths = new Map(entries.map(({ path, since }) => [path, since]));
    for (const [path, since] of paths) this.followUnseen(path, since, now);
  }

  /** Rotated files of a path that were written to after `since` and never read: they are read before the file that is there now. */
  followUnseen(path: string, since: number, now: number, except = ''): void {
    const rule = this.#rules.ruleOf(path);
    if (rule === undefined) return;
    for (const found of this.#rotation.unseen(path, since)) {
      if (found.open !== undefined && keyOfFile(found.open) === except) closeFile(found.open);
      else this.#adopt(found, { path, rule }, now);
    }
  }

  /** The content of a file was replaced. What was not read of it may have been copied before (copytruncate). */
  followCopy(file: TailedFile, now: number): void {
    const copy = this.#rotation.find(file.path, file.print())?.open;
    const isLonger = copy !== undefined && fstatSync(copy.fd).size > file.position;
    if (isLonger) return this.#adopt({ path: file.path, open: copy }, file, now, file.entry());
    if (copy !== undefined) closeFile(copy);
    this.#noteLost(file.path, file.unread, 'truncated');
  }

  /** Unpacks the next packed file, where there is room for it. */
  unpackNext(now: number): void {
    if (!this.#options.followed.isFull())
      this.#packed.unpackNext((entry, open) => this.#followUnpacked(entry, open, now));
  }

  close(): void {
    this.#packed.close();
  }

  #recoverEntry({ packed, ...entry }: CheckpointEntry, candidate: Candidate, now: number): void {
    if (packed !== undefined && existsSync(packed)) return this.#packed.add(packed, entry);
    const found = this.#rotation.find(entry.path, entry.print);
    if (found !== undefined) return this.#adopt(found, candidate, now, entry);
    this.#options.checkpoint.finish(entry);
    this.#noteLost(entry.path, missingBytes(entry), 'gone');
  }

  /** Reads a rotated file from where an entry says, or from its beginning. */
  #adopt(found: RotatedFile, candidate: Candidate, now: number, entry?: CheckpointEntry): void {
    const { checkpoint, followed, logger, opener } = this.#options;
    if (found.packed !== undefined) {
      const waiting = entry ?? opener.entryOfPacked(found.path, candidate.path, found.packed, now);
      checkpoint.set({ ...waiting, packed: found.path });
      return this.#packed.add(found.path, waiting);
    }
    const { open } = found;
    if (followed.isFull()) {
      logger.warn({ file: found.path }, 'a rotated log file is not read: too many open files');
      return closeFile(open);
    }
    const file = entry === undefined ? opener.fromStart(candidate, open, now) : opener.resume(candidate, open, entry);
    this.#followRotated(file, now);
  }

  #followRotated(file: TailedFile, now: number): void {
    file.rotatedOut = 'rename';
    file.refresh(now);
    file.grewAt = now;
    this.#options.followed.files.set(file.key, file);
    this.#options.checkpoint.set(file.entry());
  }

  /** `open` is undefined where the packed file could not be read. */
  #followUnpacked(entry: CheckpointEntry, open: OpenFile | undefined, now: number): void {
    const { checkpoint, opener } = this.#options;
    const rule = this.#rules.ruleOf(entry.path);
    if (open === undefined) return checkpoint.finish(entry);
    if (rule !== undefined && hasPrint(open.fd, entry.print))
      return this.#followRotated(opener.resume({ path: entry.path, rule }, open, entry), now);
    checkpoint.delete(entry.id);
    closeFile(open);
  }

  #noteLost(path: string, bytes: number, reason: 'truncated' | 'gone'): void {
    if (bytes === 0) return;
    bytesLost.inc({ reason }, bytes);
    this.#options.logger.warn({ file: path, bytes, reason }, 'bytes of a log file were lost before they were read');
  }
}
