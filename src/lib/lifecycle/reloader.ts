import type { PreparedChange } from './reload.ts';
import { type Complaint, InputError } from '../schema/yaml.ts';

/** A part of a process as a reload sees it: it takes the sections that it needs from the whole configuration. */
export interface ReloadPart<Config> {
  readonly name: string;
  /** @throws {InputError} where `next` cannot be used; what runs is not touched. */
  prepare(next: Config, current: Config): Promise<PreparedChange>;
}

export interface ReloaderOptions<Config> {
  /** The configuration that runs. */
  readonly current: Config;
  /** @throws {InputError} */
  readonly load: () => Config;
  /** Asked for at each reload. */
  readonly parts: () => readonly ReloadPart<Config>[];
}

/**
 * Applies a changed configuration as a whole: loads it, lets every part prepare, then commits all of them in order. Where one
 * refuses, all are discarded. One reload runs at a time; callers that come meanwhile share the next one.
 */
export class Reloader<Config> {
  readonly #options: ReloaderOptions<Config>;
  #current: Config;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(options: ReloaderOptions<Config>) {
    this.#options = options;
    this.#current = options.current;
  }

  /** The configuration that runs. */
  get current(): Config {
    return this.#current;
  }

  /** @throws {InputError} with the complaints of every part; nothing has changed then. */
  reload(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#running = this.#next as Promise<void>;
        this.#next = undefined;
        return this.#apply();
      });
    return this.#next;
  }

  /** Resolves when no reload is under way. */
  async settled(): Promise<void> {
    await (this.#next ?? this.#running).catch(() => {});
  }

  async #apply(): Promise<void> {
    const { load, parts } = this.#options;
    const next = load();
    const prepared: PreparedChange[] = [];
    const complaints: Complaint[] = [];
    for (const part of parts()) {
      try {
        prepared.push(await part.prepare(next, this.#current));
      } catch (error) {
        complaints.push(...complaintsOf(error, part.name));
      }
    }
    if (complaints.length > 0) {
      for (const change of prepared) change.discard?.();
      throw new InputError(complaints);
    }
    for (const change of prepared) change.commit();
    this.#current = next;
  }
}

function complaintsOf(error: unknown, part: string): readonly Complaint[] {
  if (error instanceof InputError) return error.complaints;
  return [
    { file: part, line: 0, column: 0, path: '', message: error instanceof Error ? error.message : String(error) },
  ];
}
