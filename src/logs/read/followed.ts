import type { LogsConfig } from '../config.ts';
import type { Candidate } from './discover.ts';
import { type OpenFile, descriptorBudget } from './identity.ts';
import type { TailedFile } from './tail.ts';

/** The files that are held open, by device and inode. */
export class FollowedFiles {
  /** In the order in which files of one path are read. */
  readonly files = new Map<string, TailedFile>();
  /** Files without bytes: neither their form nor their content is known yet. */
  readonly empty = new Map<string, { readonly open: OpenFile; readonly candidate: Candidate }>();
  readonly #wanted: number;
  readonly #limit: number;

  constructor({ max_files }: LogsConfig) {
    this.#wanted = max_files;
    this.#limit = Math.min(max_files, descriptorBudget());
  }

  has(key: string): boolean {
    return this.files.has(key) || this.empty.has(key);
  }

  isFollowed(path: string): boolean {
    for (const file of this.files.values()) if (file.path === path) return true;
    return false;
  }

  isFull(): boolean {
    return this.files.size + this.empty.size >= this.#limit;
  }

  /** Why no further file is opened. */
  get limitReason(): string {
    return this.#limit < this.#wanted
      ? `more than ${this.#limit} files (limit of open files of this process)`
      : `more than ${this.#wanted} files (max_files)`;
  }
}
