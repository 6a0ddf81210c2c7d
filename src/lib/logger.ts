import { pino } from 'pino';

export type Logger = pino.Logger;

export interface LoggerOptions {
  readonly level?: string;
  /** Also written here, one JSON line each; `up` tails this file as its own log. */
  readonly file?: string;
  readonly quiet?: boolean;
}

/** Keys whose values never reach a log, wherever they stand. */
const SECRETS = ['password', 'token', 'authorization', 'api_key', 'apiKey', 'credentials', 'secret'];

/** JSON lines on standard error (and a file), with secrets cut out. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const level = options.level ?? 'info';
  const streams: pino.StreamEntry[] = [];
  if (!options.quiet) streams.push({ level: level as pino.Level, stream: process.stderr });
  if (options.file !== undefined) {
    streams.push({
      level: level as pino.Level,
      stream: pino.destination({ dest: options.file, append: true, mkdir: true, sync: true }),
    });
  }
  return pino(
    {
      level: streams.length === 0 ? 'silent' : level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[secret]' },
    },
    pino.multistream(streams),
  );
}

/**
 * Says a repeating trouble once: `fresh(key, text)` is true when `text` differs from the last one under `key`,
 * `clear(key)` true when there was trouble to clear.
 */
export class Once {
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
