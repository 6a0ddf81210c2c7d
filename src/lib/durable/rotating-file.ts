import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file to append to that never grows past its bound: at `maxBytes` it becomes `PATH.1`, which replaces the one before. */
export class RotatingFile {
  readonly #path: string;
  readonly #maxBytes: number;
  #fd: number;
  #size: number;

  constructor(path: string, maxBytes = 16 * 1024 * 1024) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    mkdirSync(dirname(path), { recursive: true });
    this.#fd = openSync(path, 'a', 0o600);
    this.#size = fstatSync(this.#fd).size;
  }

  /** Writes at once. A line that cannot be written (a full disk) is lost: there is nowhere to say so. */
  write(line: string): void {
    try {
      if (this.#size >= this.#maxBytes) this.#rotate();
      this.#size += writeSync(this.#fd, line);
    } catch {
      // See above.
    }
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    closeSync(this.#fd);
    this.#fd = openSync(this.#path, 'a', 0o600);
    this.#size = 0;
  }
}
