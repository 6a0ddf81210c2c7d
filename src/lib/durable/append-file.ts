import { dirname } from 'node:path';
import { syncDirectory } from './atomic-file.ts';
import { type FileSystem, nodeFileSystem, type OpenFile, readFully, writeFully } from './file-system.ts';

/**
 * A file that only grows, and whose size is always true.
 *
 * Invariant: bytes 0…`size` are exactly the writes that resolved. A write that fails half-way (disk full, EIO, a file handle
 * that an NFS server forgot) is cut off again before the next one begins; while that cannot be done, every write rejects.
 * So whatever resolved is read back, and nothing resolved stands behind a torn record.
 *
 * The caller makes one call at a time.
 */
export class AppendFile {
  readonly path: string;
  readonly #fs: FileSystem;
  #file: OpenFile | undefined;
  #size: number;
  #synced: number;

  private constructor(path: string, fs: FileSystem, file: OpenFile, size: number) {
    this.path = path;
    this.#fs = fs;
    this.#file = file;
    this.#size = size;
    this.#synced = size;
  }

  /** A new file, whose name outlives a power cut. @throws where there is one already. */
  static async create(path: string, fs: FileSystem = nodeFileSystem): Promise<AppendFile> {
    await fs.mkdir(dirname(path), { recursive: true });
    const file = await fs.open(path, 'wx', 0o600);
    try {
      await syncDirectory(dirname(path), fs);
    } catch (error) {
      await file.close().catch(() => undefined);
      await fs.rm(path, { force: true }).catch(() => undefined);
      throw error;
    }
    return new AppendFile(path, fs, file, 0);
  }

  /** The file as it is, made where there is none. Cut a torn tail off with {@link cut} before the first write. */
  static async open(path: string, fs: FileSystem = nodeFileSystem): Promise<AppendFile> {
    let file: OpenFile;
    try {
      file = await fs.open(path, 'r+', 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return AppendFile.create(path, fs);
    }
    return new AppendFile(path, fs, file, (await file.stat()).size);
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** All bytes from the beginning to `size`. */
  async readAll(): Promise<Buffer> {
    return readFully(await this.#usable(), this.#size, 0);
  }

  /** Ends the file at `size`. */
  async cut(size: number): Promise<void> {
    const file = await this.#usable();
    this.#size = size;
    this.#synced = Math.min(this.#synced, size);
    try {
      await file.truncate(size);
    } catch (error) {
      await this.#giveUp();
      throw error;
    }
  }

  /** Writes at the end, whole or not at all. Survives the end of the process; {@link sync} makes it outlive the machine's. */
  async write(parts: readonly Uint8Array[]): Promise<void> {
    const file = await this.#usable();
    try {
      await writeFully(file, parts, this.#size);
    } catch (error) {
      await this.#giveUp();
      throw error;
    }
    for (const part of parts) this.#size += part.length;
  }

  /** Resolves when all writes are on the disk. Where it rejects, those since the last sync are cut off, for nobody knows of them. */
  async sync(): Promise<void> {
    if (this.#synced === this.#size) return;
    const file = await this.#usable();
    try {
      await file.datasync();
      this.#synced = this.#size;
    } catch (error) {
      this.#size = this.#synced;
      await this.#giveUp();
      throw error;
    }
  }

  /** Resolves when the bytes are on the disk, whole; rejects where none of them are in the file. */
  async append(parts: readonly Uint8Array[]): Promise<void> {
    await this.write(parts);
    await this.sync();
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** The open file; after a failure a new handle, with what the failed write left cut off. */
  async #usable(): Promise<OpenFile> {
    if (this.#file !== undefined) return this.#file;
    const file = await this.#fs.open(this.path, 'r+');
    try {
      const { size } = await file.stat();
      if (size < this.#size) throw new ShrunkFileError(this.path, this.#size, size);
      if (size > this.#size) await file.truncate(this.#size);
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    return (this.#file = file);
  }

  /** Closes the handle and tries to cut off what was half written; where that fails, the next call tries again. */
  async #giveUp(): Promise<void> {
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
    await this.#usable().catch(() => undefined);
  }
}

/** Somebody else has cut the file: what resolved is not all there any more. */
export class ShrunkFileError extends Error {
  constructor(path: string, expected: number, found: number) {
    super(`${path}: ${expected} bytes were written, ${found} are there`);
    this.name = 'ShrunkFileError';
  }
}
