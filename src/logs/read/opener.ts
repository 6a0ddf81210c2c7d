import { fstatSync } from 'node:fs';
import type { Logger } from '../../lib/logger.ts';
import type { LogsConfig } from '../config.ts';
import { type Surroundings, enrich } from '../enrich.ts';
import { createJoiner } from '../join/index.ts';
import type { Checkpoint, CheckpointEntry } from './checkpoint.ts';
import { EMPTY_PRINT, type Print, hasPrint } from './content.ts';
import type { Candidate } from './discover.ts';
import { type OpenFile, numbersOf, sourceId } from './identity.ts';
import { TailedFile } from './tail.ts';

/** How much of an old file `read_from: auto` reads where it is no container's. */
const RECENT_BYTES = 1024 * 1024;

export interface OpenerOptions {
  readonly config: LogsConfig;
  readonly checkpoint: Checkpoint;
  readonly surroundings: Surroundings;
  /** Names this machine, see `hostIdentity`. */
  readonly host: string;
  readonly logger: Logger;
}

interface Place {
  readonly id?: string;
  readonly generation: number;
  readonly resume: number;
  readonly accepted: number;
  readonly print?: Print;
  readonly midLine?: boolean;
  readonly since: number;
}

/** Decides where the reading of an open file begins: where a checkpoint left it, or where configuration says. */
export class Opener {
  readonly #options: OpenerOptions;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** `old`: the file may have been there before the first look. */
  start(candidate: Candidate, open: OpenFile, old: boolean, now: number): TailedFile {
    const entry = this.#entryOf(candidate, open);
    return entry === undefined ? this.#begin(candidate, open, old, now) : this.resume(candidate, open, entry);
  }

  /** A file that has the content of a checkpoint's entry, itself or as a copy, from where the entry says. */
  resume(candidate: Candidate, open: OpenFile, entry: CheckpointEntry): TailedFile {
    return this.#create(candidate, open, entry, { ...open, device: entry.device, inode: entry.inode });
  }

  /** A file from its beginning, under a name of its own. */
  fromStart(candidate: Candidate, open: OpenFile, since: number): TailedFile {
    return this.#create(candidate, open, { generation: 0, resume: 0, accepted: 0, since });
  }

  /**
   * The entry whose file this is: by its numbers (those of devices may change at a reboot; then the path has to be the same),
   * its length and its content.
   */
  #entryOf({ path }: Candidate, open: OpenFile): CheckpointEntry | undefined {
    const { size } = fstatSync(open.fd);
    for (const entry of this.#options.checkpoint.entries()) {
      if (entry.inode !== open.inode || (entry.device !== open.device && entry.path !== path)) continue;
      if (size >= entry.accepted && hasPrint(open.fd, entry.print)) return entry;
    }
    return undefined;
  }

  #begin(candidate: Candidate, open: OpenFile, old: boolean, now: number): TailedFile {
    const { path, rule } = candidate;
    const known = [...this.#options.checkpoint.entries()].find((entry) => entry.path === path);
    const isFirst = old && known === undefined && !this.#options.checkpoint.knowsGlob(rule.glob);
    const start = isFirst ? this.#startOfOld(candidate, open) : 0;
    const since = known?.since ?? now;
    if (start > 0)
      this.#options.logger.info({ file: path, bytes: start }, 'the beginning of a log file is left out (read_from)');
    return this.#create(candidate, open, {
      generation: 0,
      resume: start,
      accepted: start,
      midLine: start > 0,
      since,
    });
  }

  /** Where a file that was there before the first look is read from; one byte early, so that a line's begin is known as such. */
  #startOfOld({ rule }: Candidate, open: OpenFile): number {
    if (this.readsFromBeginning(rule.containers)) return 0;
    const { size } = fstatSync(open.fd);
    return Math.max(0, this.#options.config.read_from === 'end' ? size - 1 : size - RECENT_BYTES);
  }

  /** The entry of a file whose content was replaced: other bytes will stand in the same places, under another name. */
  nextGeneration(file: TailedFile): CheckpointEntry {
    const generation = this.#freeGeneration(file.origin, file.generation + 1);
    const id = sourceId(this.#options.host, file.origin, generation);
    return { ...file.entry(), id, generation, print: EMPTY_PRINT, resume: 0, accepted: 0, size: 0 };
  }

  /** The entry of a packed file that nothing was read of. */
  entryOfPacked(packed: string, path: string, print: Print, since: number): CheckpointEntry {
    const numbers = numbersOf(packed);
    const { device, inode } = numbers;
    const generation = this.#freeGeneration(numbers, 0);
    const id = sourceId(this.#options.host, numbers, generation);
    return { id, path, device, inode, generation, print, resume: 0, accepted: 0, size: 0, since };
  }

  /** Whether a file that is seen for the first time is read whole. */
  readsFromBeginning(containers: boolean): boolean {
    const { read_from: from } = this.#options.config;
    return from === 'beginning' || (from === 'auto' && containers);
  }

  #create({ path, rule }: Candidate, open: OpenFile, place: Place, origin: Omit<OpenFile, 'fd'> = open): TailedFile {
    const { config, surroundings } = this.#options;
    const { resume, accepted, print, midLine = false, since } = place;
    const generation = place.id === undefined ? this.#freeGeneration(origin, place.generation) : place.generation;
    return new TailedFile({
      path,
      rule,
      open,
      origin,
      id: place.id ?? sourceId(this.#options.host, origin, generation),
      generation,
      resume,
      accepted,
      print,
      midLine,
      since,
      fields: enrich(path, surroundings, rule.fields),
      joiner: createJoiner(rule.format, rule.containers, rule.timezone),
      maxLineBytes: config.max_line_bytes,
    });
  }

  /** Other content in the same place has another name. */
  #freeGeneration(origin: Omit<OpenFile, 'fd'>, first: number): number {
    let generation = first;
    while (this.#options.checkpoint.has(sourceId(this.#options.host, origin, generation))) generation++;
    return generation;
  }
}
