import type { Matcher } from './matcher.ts';

/** A file or stream that lines come from. One object a file for as long as it is followed. */
export interface LogSource {
  /**
   * Names the bytes, not the path: stays through a rename and a restart, differs for a new file of the same name.
   * Together with a record's offset it is the record's place; identity is place and content, see `record-hash.ts`.
   */
  readonly id: string;
  readonly path: string;
  /** What the collector knows of the source, under ECS names: `log.file.path`, `host.name`, `kubernetes.namespace` … */
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Records of one source by column, oldest first. Message `i` is `bytes[starts[i]..ends[i])`, valid UTF-8, no line end.
 * The buffer belongs to the sender again when the returned promise settles.
 */
export interface LogBatch {
  readonly source: LogSource;
  readonly count: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /**
   * Place in the source of the end of the physical line that completed the record; strictly growing within a source.
   * A float, as files may pass 4 GiB.
   */
  readonly offsets: Float64Array;
  /** Whole milliseconds since the epoch; from the line where it says so, else when it was read. */
  readonly timestamps: Float64Array;
  /** What is left of the time below a millisecond, 0…999999 ns. */
  readonly nanos: Uint32Array;
  /** 1 where the line says no time: `timestamps` then is when it was read, and another when it is read again. */
  readonly untimed?: Uint8Array;
  /** 0 = not known, 1 = stdout, 2 = stderr. */
  readonly streams: Uint8Array;
  /** Only set for the few records that deserve a mark, such as `truncated`. */
  readonly flags?: ReadonlyMap<number, readonly string[]>;
}

/**
 * Hands records over. Resolves when the other side has every record or has named those it refused for good: only then
 * may the checkpoint move. Rejects when nothing is known; the same batch is then offered again and must not double.
 */
export type ShipLogs = (batch: LogBatch, signal?: AbortSignal) => Promise<ShipOutcome>;

export interface ShipOutcome {
  readonly stored: number;
  /** Already there from an earlier try. */
  readonly duplicates: number;
  /** Reason to count of records refused for good. */
  readonly refused: Readonly<Record<string, number>>;
}

/** One record as searches answer it. */
export interface LogRecord {
  /** Milliseconds, with `nanos` below. */
  readonly timestamp: number;
  readonly nanos: number;
  readonly message: string;
  readonly stream: '' | 'stdout' | 'stderr';
  readonly level: LogLevel | '';
  readonly source: string;
  readonly offset: number;
  readonly fields: Readonly<Record<string, string>>;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface LogSearchRequest {
  /** The KQL subset of docs/logs.md; '' matches all. */
  readonly query: string;
  /** Only records whose source has fields that satisfy all of these, whatever the query says. */
  readonly sources?: readonly Matcher[];
  /** Milliseconds, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly limit: number;
  readonly order: 'newest' | 'oldest';
  /** Only records stored after this place; from `LogSearchAnswer.cursor`. Live tail polls with it. */
  readonly after?: string;
}

export interface LogSearchAnswer {
  readonly records: readonly LogRecord[];
  /**
   * Where the next search goes on with `after`: behind the newest record stored at the time of the answer or, where a search
   * with `after` from the oldest on was cut by its limit, behind the last one answered.
   */
  readonly cursor: string;
  /** True where `limit` cut the answer. */
  readonly more: boolean;
  /** Fields that the query names and that no record of the time has; only looked for where nothing was found. */
  readonly unknownFields?: readonly string[];
}

export type SearchLogs = (request: LogSearchRequest, signal?: AbortSignal) => Promise<LogSearchAnswer>;

export interface LogVolumeRequest {
  readonly query: string;
  readonly sources?: readonly Matcher[];
  /** Milliseconds, both inclusive. */
  readonly start: number;
  readonly end: number;
  /** Equal parts of the time. */
  readonly buckets: number;
}

/** How many records a query finds over time. */
export interface LogVolume {
  /** Start of the first bucket and length of each, in milliseconds. */
  readonly start: number;
  readonly step: number;
  readonly total: number;
  /** Records by bucket of each level that any record has; '' = no level. */
  readonly levels: Readonly<Partial<Record<LogLevel | '', readonly number[]>>>;
}

export type CountLogs = (request: LogVolumeRequest, signal?: AbortSignal) => Promise<LogVolume>;
