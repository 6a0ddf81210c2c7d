import { pino } from 'pino';

export type Logger = pino.Logger;

export interface LoggerOptions {
  readonly level?: string;
  /** Where the lines go, each a JSON object with its line end; nowhere when there is none. */
  readonly to?: readonly { write(line: string): void }[];
  readonly quiet?: boolean;
}

/** Keys whose values never reach a log, wherever they stand. */
const SECRETS = ['password', 'token', 'authorization', 'api_key', 'apiKey', 'credentials', 'secret'];

/** JSON lines with secrets cut out, on standard error unless told otherwise. */
export function createLogger({ level = 'info', quiet = false, to = [process.stderr] }: LoggerOptions = {}): Logger {
  return pino(
    {
      level: quiet ? 'silent' : level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[secret]' },
    },
    pino.multistream(to.map((stream) => ({ level: 'trace', stream }))),
  );
}

/**
 * Suppresses repeats: `fresh(key, text)` returns true when `text` differs from the last one under `key`,
 * `clear(key)` returns true when there was something to clear.
 */
export class LogOnce {
  readonly #last = new Map<string, string>();

  fresh(key: string, text: string): boolean {
    if (this.#last.get(key) === text) return false;
    this.#last.set(key, text);
    return true;
  }

  clear(key: string): boolean {
    return this.#last.delete(key);
  }
}
