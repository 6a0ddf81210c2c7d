import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { type Logger, LogOnce } from '../../lib/logger.ts';
import { readSecretFile } from '../../lib/schema/schema.ts';
import { unusableSecrets } from '../metrics.ts';

/**
 * The secret in a file, read again when the file changes. A file that is empty, lost or unreadable has no secret: its own
 * caller is refused, all others go on. Logged and counted once per change of state.
 */
export class SecretFile {
  readonly #path: string;
  readonly #logger: Logger | undefined;
  readonly #once = new LogOnce();
  #version = '';
  #secret: string | undefined;

  constructor(path: string, logger?: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** Undefined where the file holds none. */
  read(): string | undefined {
    try {
      const { mtimeMs, ctimeMs, size, ino } = statSync(this.#path);
      const version = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (version !== this.#version) {
        this.#secret = readSecretFile(this.#path);
        this.#version = version;
      }
    } catch (error) {
      this.#version = '';
      this.#secret = undefined;
      return this.#unusable(error instanceof Error ? error.message : String(error));
    }
    if (this.#secret === '') return this.#unusable('the file is empty');
    if (this.#once.clear('file')) this.#logger?.info({ file: this.#path }, 'file of a secret can be used again');
    return this.#secret;
  }

  #unusable(error: string): undefined {
    if (!this.#once.fresh('file', error)) return;
    unusableSecrets.inc();
    this.#logger?.error({ file: this.#path, error }, 'file of a secret cannot be used; its caller is refused');
  }
}

/** Digests have equal lengths, so that comparing them takes the same time whatever the difference. */
export function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
