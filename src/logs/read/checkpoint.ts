import { existsSync, readFileSync, renameSync } from 'node:fs';
import { writeFileAtomic } from '../../lib/durable/atomic-file.ts';
import type { Logger } from '../../lib/logger.ts';
import { z } from '../../lib/schema/schema.ts';
import type { Print } from './content.ts';

const printShape = {
  /** As `Print`. */
  head: z.string(),
  headBytes: z.number(),
  tail: z.string(),
  at: z.number(),
};

const entrySchema = z.strictObject({
  /** As `LogSource.id`. */
  id: z.string(),
  /** Where the file was written. */
  path: z.string(),
  device: z.string(),
  inode: z.string(),
  /** Counts how often the file was truncated and written again. */
  generation: z.number(),
  /** Its content up to `accepted`. */
  print: z.strictObject(printShape),
  /** Reading goes on here … */
  resume: z.number(),
  /** … and records that end here or before are already accepted: `resume` lies behind where a record was half read. */
  accepted: z.number(),
  /** The size at the last look: what lies between it and `accepted` is lost where the file is not found again. */
  size: z.number(),
  /** Milliseconds: when a file at this path was first followed. What was written to rotated files before is not read. */
  since: z.number(),
  /** The gzip file that it lies in, where that was not unpacked yet. */
  packed: z.string().optional(),
});

/** A file that was read to its end and is not followed any more, so that it is not mistaken for one that was never read. */
const finishedSchema = z.strictObject({ path: z.string(), ...printShape });

const checkpointSchema = z.strictObject({
  version: z.literal(2),
  /** Globs that were in use: files of a new one may be old files seen for the first time. */
  globs: z.array(z.string()),
  files: z.array(entrySchema),
  finished: z.array(finishedSchema),
});

export type CheckpointEntry = z.infer<typeof entrySchema>;

/** Finished files that are remembered of one path: as many as a rotation keeps. */
const FINISHED_PER_PATH = 16;

/**
 * Places that the other side has accepted, one entry for each file, in a small JSON file that is replaced as a whole. Entries
 * move only by `set`; what `save` wrote last is what a restart goes on from.
 */
export class Checkpoint {
  readonly #path: string;
  readonly #before: string;
  readonly #logger: Logger;
  readonly #entries = new Map<string, CheckpointEntry>();
  readonly #finished = new Map<string, Print[]>();
  #globs: string[] = [];
  #saved = new Set<string>();
  #dirty = false;
  #saving: Promise<void> | undefined;

  /** @param before is read where `path` does not exist yet. */
  constructor(path: string, logger: Logger, before = path) {
    this.#path = path;
    this.#before = before;
    this.#logger = logger;
  }

  /**
   * Reads the file; one that is damaged or of another version is moved aside, and reading starts as if it were the first time.
   * Entries that are damaged are left out, and named.
   */
  load(): void {
    const text = readIfThere(this.#path) ?? readIfThere(this.#before);
    if (text === undefined) return;
    try {
      const { files, globs, finished } = checkpointSchema.parse(upgraded(JSON.parse(text)));
      for (const entry of files) this.#entries.set(entry.id, entry);
      for (const { path, ...print } of finished) this.#remember(path, print);
      this.#globs = globs;
      this.#saved = new Set(this.#entries.keys());
    } catch (error) {
      const aside = `${this.#path}.damaged`;
      renameSync(existsSync(this.#path) ? this.#path : this.#before, aside);
      this.#logger.error({ file: this.#path, movedTo: aside, err: error }, 'log checkpoint is not readable');
    }
  }

  entries(): IterableIterator<CheckpointEntry> {
    return this.#entries.values();
  }

  hasPath(path: string): boolean {
    return [...this.#entries.values()].some((entry) => entry.path === path);
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Prints of the files at this path that were read to their end. */
  finishedAt(path: string): readonly Print[] {
    return this.#finished.get(path) ?? [];
  }

  knowsGlob(glob: string): boolean {
    return this.#globs.includes(glob);
  }

  setGlobs(globs: readonly string[]): void {
    if (globs.length === this.#globs.length && globs.every((glob) => this.#globs.includes(glob))) return;
    this.#globs = [...globs];
    this.#dirty = true;
  }

  /** Whether a restart would know the source; records of one that it would not could come twice. */
  isSaved(id: string): boolean {
    return this.#saved.has(id);
  }

  set(entry: CheckpointEntry): void {
    this.#entries.set(entry.id, entry);
    this.#dirty = true;
  }

  delete(id: string): void {
    if (this.#entries.delete(id)) this.#dirty = true;
  }

  /** The file was read to its end: its entry goes, its print stays for as long as rotations may keep it. */
  finish(entry: CheckpointEntry): void {
    this.delete(entry.id);
    this.#remember(entry.path, entry.print);
    this.#dirty = true;
  }

  /** Forgets finished files of paths that `isWanted` does not know any more. */
  forgetFinished(isWanted: (path: string) => boolean): void {
    for (const path of this.#finished.keys()) if (!isWanted(path)) this.#dirty = this.#finished.delete(path);
  }

  /** Writes what changed. On return everything that was set before the call is on disk. @throws the system's error. */
  async save(): Promise<void> {
    while (this.#saving !== undefined) await this.#saving.catch(() => undefined);
    if (!this.#dirty) return;
    this.#dirty = false;
    const saved = new Set(this.#entries.keys());
    this.#saving = writeFileAtomic(this.#path, this.#content());
    try {
      await this.#saving;
      this.#saved = saved;
    } catch (error) {
      this.#dirty = true;
      throw error;
    } finally {
      this.#saving = undefined;
    }
  }

  #content(): string {
    const finished = [...this.#finished].flatMap(([path, prints]) => prints.map((print) => ({ path, ...print })));
    return JSON.stringify({ version: 2, globs: this.#globs, files: [...this.#entries.values()], finished });
  }

  #remember(path: string, print: Print): void {
    const prints = this.#finished.get(path) ?? [];
    prints.push(print);
    if (prints.length > FINISHED_PER_PATH) prints.shift();
    this.#finished.set(path, prints);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Version 1 knew a file by its first bytes alone: the bytes before the place reached are taken on trust, once. */
function upgraded(checkpoint: unknown): unknown {
  const { version, globs, files } = checkpoint as {
    version: unknown;
    globs: unknown;
    files: Record<string, unknown>[];
  };
  if (version !== 1) return checkpoint;
  const entries = files.map(({ head, headBytes, ...entry }) => ({
    ...entry,
    print: { head, headBytes, tail: EMPTY_TAIL, at: 0 },
    size: entry.accepted,
    since: 0,
  }));
  return { version: 2, globs, files: entries, finished: [] };
}

/** The hash of no bytes. */
const EMPTY_TAIL = '47DEQpj8HBSa-_TImW-5JC';
