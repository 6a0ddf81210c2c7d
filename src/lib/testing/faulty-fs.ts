import { type FileSystem, nodeFileSystem, type OpenFile } from '../durable/file-system.ts';

/** A call that changes a file or a folder, in the order in which it was made. */
export type Call = 'open' | 'write' | 'truncate' | 'sync' | 'rename' | 'rm' | 'mkdir' | 'read';

export type Fault =
  /** The call fails with this error; a write has by then written `written` bytes (default none). */
  | { readonly error: 'ENOSPC' | 'EIO' | 'ESTALE'; readonly written?: number }
  /** A write that writes only so many bytes, and says so. */
  | { readonly short: number };

/**
 * The real file system, which fails on cue. Give it to what keeps a durable file:
 *
 *     const fs = new FaultyFileSystem();
 *     fs.fail('write', { error: 'ENOSPC', written: 7 });   // the next write stops after seven bytes
 *     fs.space = 2 << 20;                                  // a disk of two megabytes
 *     fs.killAfter(5);                                     // the process "dies" behind the fifth call from now
 *
 * After a kill every call rejects with `killed`, so that nothing more reaches the disk; open the folder again with another file
 * system to see what a new process finds. `calls` lists what was done, so that a test can kill between any two:
 *
 *     for (let after = 0; ; after++) { … fs.killAfter(after); … if (!fs.killed) break; }
 */
export class FaultyFileSystem implements FileSystem {
  readonly calls: Call[] = [];
  /** Bytes that may still be written in all; freed by adding to it. */
  space = Infinity;
  killed = false;
  #left = Infinity;
  readonly #faults = new Map<Call, Fault[]>();
  readonly #always = new Map<Call, Fault>();

  /** The next call of this kind fails so; called again, the one after it. */
  fail(call: Call, fault: Fault): void {
    this.#faults.set(call, [...(this.#faults.get(call) ?? []), fault]);
  }

  /** Every call of this kind fails so, until `fault` is undefined. */
  failAlways(call: Call, fault: Fault | undefined): void {
    if (fault === undefined) this.#always.delete(call);
    else this.#always.set(call, fault);
  }

  /** The process dies behind so many more calls. */
  killAfter(calls: number): void {
    this.#left = calls;
  }

  async open(path: string, flags: string, mode?: number): Promise<OpenFile> {
    this.enter('open');
    return new FaultyFile(await nodeFileSystem.open(path, flags, mode), this);
  }

  async mkdir(path: string, options: { recursive: true }): Promise<unknown> {
    this.enter('mkdir');
    return nodeFileSystem.mkdir(path, options);
  }

  async rename(from: string, to: string): Promise<void> {
    this.enter('rename');
    await nodeFileSystem.rename(from, to);
  }

  async rm(path: string, options: { force: true }): Promise<void> {
    this.enter('rm');
    await nodeFileSystem.rm(path, options);
  }

  async readdir(path: string): Promise<string[]> {
    this.enter('read');
    return nodeFileSystem.readdir(path);
  }

  async stat(path: string): Promise<{ size: number }> {
    this.enter('read');
    return nodeFileSystem.stat(path);
  }

  /** Takes the fault for this call, where there is one. @throws where the call fails before it did anything. */
  enter(call: Call): Fault | undefined {
    if (this.killed || this.#left-- <= 0) {
      this.killed = true;
      throw new Error('killed');
    }
    this.calls.push(call);
    const fault = this.#faults.get(call)?.shift() ?? this.#always.get(call);
    if (fault !== undefined && 'error' in fault && (call !== 'write' || fault.written === undefined))
      throw systemError(fault.error);
    return fault;
  }
}

class FaultyFile implements OpenFile {
  readonly #file: OpenFile;
  readonly #fs: FaultyFileSystem;

  constructor(file: OpenFile, fs: FaultyFileSystem) {
    this.#file = file;
    this.#fs = fs;
  }

  async writev(buffers: readonly Uint8Array[], position: number): Promise<{ bytesWritten: number }> {
    const fault = this.#fs.enter('write');
    const bytes = Buffer.concat(buffers);
    const most = fault === undefined ? bytes.length : 'short' in fault ? fault.short : (fault.written ?? 0);
    const written = Math.min(bytes.length, most, this.#fs.space);
    if (written > 0) await this.#file.writev([bytes.subarray(0, written)], position);
    this.#fs.space -= written;
    if (fault !== undefined && 'error' in fault) throw systemError(fault.error);
    if (written === 0 && this.#fs.space === 0) throw systemError('ENOSPC');
    return { bytesWritten: written };
  }

  async read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }> {
    this.#fs.enter('read');
    return this.#file.read(buffer, offset, length, position);
  }

  async truncate(length: number): Promise<void> {
    this.#fs.enter('truncate');
    const { size } = await this.#file.stat();
    await this.#file.truncate(length);
    this.#fs.space += Math.max(0, size - length);
  }

  async datasync(): Promise<void> {
    this.#fs.enter('sync');
    await this.#file.datasync();
  }

  async sync(): Promise<void> {
    this.#fs.enter('sync');
    await this.#file.sync();
  }

  async stat(): Promise<{ size: number }> {
    return this.#file.stat();
  }

  /** A process that dies has its files closed. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}

function systemError(code: 'ENOSPC' | 'EIO' | 'ESTALE'): Error {
  return Object.assign(new Error(`${code}: on cue`), { code });
}
