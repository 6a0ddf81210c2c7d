import { closeSync, fstatSync } from 'node:fs';
import type { Checkpoint, CheckpointEntry } from './checkpoint.ts';
import type { LogsConfig } from '../config.ts';
import type { Candidate, FileRule } from './discover.ts';
import { type Surroundings, enrich } from '../enrich.ts';
import { type OpenFile, keyOfFile, lookUp, openFile, readHead } from './identity.ts';
import { createJoiner, detectFormat } from '../join/index.ts';
import { siblings } from './rotated.ts';
import { TailedFile, isSameFile } from './tail.ts';

/** How much of an old file `read_from: auto` reads where it is no container's. */
const RECENT_BYTES = 1024 * 1024;

const RULE_OF_RENAMED: FileRule = { glob: '', containers: false, format: 'auto', fields: {} };

export interface OpenerOptions {
  readonly config: LogsConfig;
  readonly checkpoint: Checkpoint;
  readonly surroundings: Surroundings;
}

interface Place {
  readonly id?: string;
  readonly generation: number;
  readonly resume: number;
  readonly accepted: number;
  readonly midLine?: boolean;
}

/** Says where the reading of an open file begins: where a checkpoint left it, or where configuration says. */
export class Opener {
  readonly #options: OpenerOptions;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** `old`: the file may have been there before anybody looked. */
  start(candidate: Candidate, open: OpenFile, old: boolean): TailedFile {
    return this.#restore(candidate, open) ?? this.#begin(candidate, open, old);
  }

  /** The file of a checkpoint under another name than it had. */
  findRenamed(entry: CheckpointEntry): { path: string; file: TailedFile } | undefined {
    for (const path of siblings(entry.path)) {
      // In its old place it is a file that nobody asks for any more.
      if (path === entry.path) continue;
      const found = lookUp(path);
      if ('reason' in found || found.key !== keyOfFile(entry)) continue;
      const open = openFile(path);
      if ('reason' in open) return undefined;
      if (isSameFile(entry, open, entry.path))
        return { path, file: this.#create({ path: entry.path, rule: RULE_OF_RENAMED }, open, entry) };
      closeSync(open.fd);
    }
    return undefined;
  }

  /** A file that began and was rotated while nobody looked, from its beginning; `place` is where it was written. */
  openUnseen(path: string, place: string): TailedFile | undefined {
    const open = openFile(path);
    if ('reason' in open) return undefined;
    const key = keyOfFile(open);
    const isKnown = [...this.#options.checkpoint.entries()].some((entry) => keyOfFile(entry) === key);
    if (!isKnown)
      return this.#create({ path: place, rule: RULE_OF_RENAMED }, open, { generation: 0, resume: 0, accepted: 0 });
    closeSync(open.fd);
    return undefined;
  }

  /** The file as a checkpoint left it; one that was replaced meanwhile begins anew, under another name. */
  #restore(candidate: Candidate, open: OpenFile): TailedFile | undefined {
    const { checkpoint } = this.#options;
    for (const entry of checkpoint.entries()) {
      if (entry.inode !== open.inode) continue;
      if (isSameFile(entry, open, candidate.path) && fstatSync(open.fd).size >= entry.accepted)
        return this.#create(candidate, open, entry);
      if (entry.device !== open.device && entry.path !== candidate.path) continue;
      checkpoint.delete(entry.id);
      return this.#create(candidate, open, { generation: entry.generation + 1, resume: 0, accepted: 0 });
    }
    return undefined;
  }

  #begin(candidate: Candidate, open: OpenFile, old: boolean): TailedFile {
    const { rule } = candidate;
    const start = old && !this.#options.checkpoint.knowsGlob(rule.glob) ? this.#startOfOld(rule, open) : 0;
    return this.#create(candidate, open, { generation: 0, resume: start, accepted: start, midLine: start > 0 });
  }

  /** Where a file that was there before anybody looked is read from; one byte early, so that a line's begin is known as such. */
  #startOfOld(rule: FileRule, open: OpenFile): number {
    const { read_from: from } = this.#options.config;
    if (from === 'beginning' || (from === 'auto' && rule.containers)) return 0;
    const { size } = fstatSync(open.fd);
    return Math.max(0, from === 'end' ? size - 1 : size - RECENT_BYTES);
  }

  #create({ path, rule }: Candidate, open: OpenFile, place: Place): TailedFile {
    const { config, surroundings } = this.#options;
    const { id, generation, resume, accepted, midLine = false } = place;
    return new TailedFile({
      path,
      rule,
      open,
      id,
      generation,
      resume,
      accepted,
      midLine,
      fields: enrich(path, surroundings, rule.fields),
      joiner: createJoiner(rule.format === 'auto' ? detectFormat(readHead(open.fd)) : rule.format),
      maxLineBytes: config.max_line_bytes,
    });
  }
}
