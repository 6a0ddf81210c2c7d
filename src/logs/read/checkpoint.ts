import { readFileSync, renameSync } from 'node:fs';
import { writeFileAtomic } from '../../lib/atomic-file.ts';
import type { Logger } from '../../lib/logger.ts';
import { z } from '../../lib/schema.ts';

const entrySchema = z.strictObject({
  /** As `LogSource.id`. */
  id: z.string(),
  path: z.string(),
  device: z.string(),
  inode: z.string(),
  /** Counts how often the file was truncated and written again. */
  generation: z.number(),
  /** Hash of the file's first `headBytes` bytes, by which a reused inode is told from the file it was. */
  head: z.string(),
  headBytes: z.number(),
  /** Reading goes on here … */
  resume: z.number(),
  /** … and records that end here or before are already accepted: `resume` lies behind where a record was half read. */
  accepted: z.number(),
});

const checkpointSchema = z.strictObject({
  version: z.literal(1),
  /** Globs that were in use: files of a new one may be old files seen for the first time. */
  globs: z.array(z.string()),
  files: z.array(entrySchema),
});

export type CheckpointEntry = z.infer<typeof entrySchema>;

/**
 * Places that the other side has accepted, one entry for each file, in a small JSON file that is replaced as a whole. Entries
 * move only by `set`; what `save` wrote last is what a restart goes on from.
 */
export class Checkpoint {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #entries = new Map<string, CheckpointEntry>();
  #globs: string[] = [];
  #saved = new Set<string>();
  #dirty = false;
  #saving: Promise<void> | undefined;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** Reads the file; one that is damaged or of another version is moved aside, and reading starts as if it were the first time. */
  load(): void {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    try {
      const { files, globs } = checkpointSchema.parse(JSON.parse(text));
      for (const entry of files) this.#entries.set(entry.id, entry);
      this.#globs = globs;
      this.#saved = new Set(this.#entries.keys());
    } catch (error) {
      const aside = `${this.#path}.damaged`;
      renameSync(this.#path, aside);
      this.#logger.error({ file: this.#path, movedTo: aside, err: error }, 'log checkpoint is not readable');
    }
  }

  entries(): IterableIterator<CheckpointEntry> {
    return this.#entries.values();
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

  /** Writes what changed. On return everything that was set before the call is on disk. @throws the system's error. */
  async save(): Promise<void> {
    while (this.#saving !== undefined) await this.#saving.catch(() => undefined);
    if (!this.#dirty) return;
    this.#dirty = false;
    const saved = new Set(this.#entries.keys());
    const content = JSON.stringify({ version: 1, globs: this.#globs, files: [...this.#entries.values()] });
    this.#saving = writeFileAtomic(this.#path, content);
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
}
