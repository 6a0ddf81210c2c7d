import { parseDuration } from '../../lib/time/duration.ts';

/** A script that cannot be read. `line` counts from 1. */
export class ScriptError extends Error {
  readonly line: number;

  constructor(line: number, problem: string, options?: ErrorOptions) {
    super(`line ${line}: ${problem}`, options);
    this.name = 'ScriptError';
    this.line = line;
  }
}

/** The lines of a script without comments and indentation; a block ends at an empty one. */
export class Lines {
  readonly #lines: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#lines = text.split('\n').map((line) => line.trim().replace(/^#.*$/, ''));
  }

  /** Number of the line given last. */
  get number(): number {
    return this.#next;
  }

  nextFilled(): string | undefined {
    while (this.#next < this.#lines.length) {
      const line = this.#lines[this.#next++];
      if (line !== '') return line;
    }
    return undefined;
  }

  /** The next line of the block, undefined at its end. */
  nextOfBlock(): string | undefined {
    const line = this.#lines[this.#next];
    if (line === undefined || line === '') return undefined;
    this.#next++;
    return line;
  }

  fail(problem: string, cause?: unknown): never {
    throw new ScriptError(this.number, problem, { cause });
  }

  /** What `parse` gives for a part of the last line; its complaint carries the line's number. */
  parsed<T>(parse: (text: string) => T, text: string): T {
    try {
      return parse(text);
    } catch (error) {
      return this.fail(error instanceof Error ? error.message : String(error), error);
    }
  }

  duration(text: string, what: string): number {
    return parseDuration(text) ?? this.fail(`invalid ${what} definition ${JSON.stringify(text)}: not a valid duration`);
  }
}
