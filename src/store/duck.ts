import type * as api from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import type bindings from '@duckdb/node-bindings';

import { Lease, whileReading, whileUnread } from './lease.ts';

export interface Duck {
  readonly api: typeof api;
  /** The layer below: the only one that moves whole columns between JavaScript and DuckDB. */
  readonly raw: typeof bindings;
}

let loaded: Promise<Duck> | undefined;

/** Loads DuckDB when it is first needed: 69 MB of native code that most commands never use. */
function loadDuck(): Promise<Duck> {
  loaded ??= Promise.all([import('@duckdb/node-api'), import('@duckdb/node-bindings')]).then(([upper, lower]) => ({
    api: upper,
    raw: lower.default,
  }));
  return loaded;
}

export interface DatabaseOptions {
  /** The file of the main database; it also is the lock on the folder. */
  readonly file: string;
  /** Bytes. */
  readonly memory: number;
  readonly threads: number;
  readonly spill: string;
}

/** One DuckDB instance and the connections it has handed out. */
export class Database {
  readonly duck: Duck;
  readonly #options: DatabaseOptions;
  #instance: DuckDBInstance;
  readonly #use = new Lease();
  #idle: DuckDBConnection[] = [];

  private constructor(duck: Duck, options: DatabaseOptions, instance: DuckDBInstance) {
    this.duck = duck;
    this.#options = options;
    this.#instance = instance;
  }

  static async open(options: DatabaseOptions): Promise<Database> {
    const duck = await loadDuck();
    return new Database(duck, options, await createInstance(duck, options));
  }

  /**
   * After a fatal error DuckDB refuses everything until the instance is opened anew. What was attached is not any more.
   * Waits for what is under way: two instances on one file would each think it theirs.
   */
  async reopen(): Promise<void> {
    await whileUnread([this.#use], async () => {
      this.close();
      this.#instance = await createInstance(this.duck, this.#options);
    });
  }

  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  /** Runs statements on a connection of their own. */
  async run(sql: string, values?: DuckDBValue[]): Promise<void> {
    await this.#lend(async (connection) => void (await connection.run(sql, values)));
  }

  async rows(sql: string, values?: DuckDBValue[]): Promise<Record<string, DuckDBValue>[]> {
    return this.#lend(async (connection) => (await connection.runAndReadAll(sql, values)).getRowObjects());
  }

  /** Hands the answer over chunk by chunk, without ever holding it whole. Rejects with the signal's reason when aborted. */
  async scan(sql: string, take: (chunk: ChunkReader) => void, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await this.#lend(async (connection) => {
      const stop = () => connection.interrupt();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        const result = await connection.stream(sql);
        for (;;) {
          const chunk = await result.fetchChunk();
          signal?.throwIfAborted();
          if (chunk === null || chunk.rowCount === 0) return;
          take(new ChunkReader(this.duck, chunk));
        }
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    });
  }

  close(): void {
    for (const connection of this.#idle) connection.closeSync();
    this.#idle = [];
    this.#instance.closeSync();
  }

  #lend<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return whileReading([this.#use], () => this.#borrow(use));
  }

  async #borrow<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = this.#idle.pop() ?? (await this.#instance.connect());
    let whole = false;
    try {
      const result = await use(connection);
      whole = true;
      return result;
    } finally {
      // A connection whose answer was not read to its end holds a transaction open: it is not used again.
      if (whole && this.#idle.length < 4) this.#idle.push(connection);
      else connection.closeSync();
    }
  }
}

async function createInstance(duck: Duck, options: DatabaseOptions): Promise<DuckDBInstance> {
  const instance = await duck.api.DuckDBInstance.create(options.file, {
    threads: String(options.threads),
    memory_limit: `${Math.round(options.memory / 1024)}KiB`,
    temp_directory: options.spill,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    checkpoint_threshold: '32MB',
    // A statement is planned and run in two transactions. The planner strikes a condition that all values of a table satisfy,
    // and rows that were committed in between come through: of other times, or of log sources that the asker must not see.
    disabled_optimizers: 'statistics_propagation',
  });
  // Known only once the part of DuckDB that reads Parquet is loaded. Blocks never change, so their footers are read once.
  const connection = await instance.connect();
  await connection.run('set global parquet_metadata_cache = true');
  connection.closeSync();
  return instance;
}

/** The columns of one chunk of an answer as typed arrays, copied out of DuckDB's memory. */
export class ChunkReader {
  readonly rows: number;
  readonly #duck: Duck;
  readonly #chunk: DuckDBDataChunk;

  constructor(duck: Duck, chunk: DuckDBDataChunk) {
    this.#duck = duck;
    this.#chunk = chunk;
    this.rows = chunk.rowCount;
  }

  /** A UINTEGER column. */
  u32(column: number): Uint32Array {
    const bytes = this.#data(column, 4);
    return new Uint32Array(bytes.buffer, bytes.byteOffset, this.rows);
  }

  /** A DOUBLE column. Rows that are NULL hold no meaning: see {@link nulls}. */
  f64(column: number): Float64Array {
    const bytes = this.#data(column, 8);
    return new Float64Array(bytes.buffer, bytes.byteOffset, this.rows);
  }

  /** A BIGINT column as floats, exact up to 2^53. */
  i64(column: number): Float64Array {
    const bytes = this.#data(column, 8);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, this.rows * 2);
    const out = new Float64Array(this.rows);
    for (let i = 0; i < out.length; i++) out[i] = words[2 * i + 1] * 4294967296 + (words[2 * i] >>> 0);
    return out;
  }

  /** Bit `i` is clear where row `i` is NULL; undefined where none is. */
  nulls(column: number): Uint8Array | undefined {
    const bytes: Uint8Array | null = this.#duck.raw.vector_get_validity(
      this.#vector(column),
      Math.ceil(this.rows / 64) * 8,
    );
    return bytes ?? undefined;
  }

  /** Any column, row by row, as DuckDB's own values. */
  values(column: number): DuckDBValue[] {
    return this.#chunk.getColumnValues(column);
  }

  text(column: number): string[] {
    return this.#chunk.getColumnValues(column) as string[];
  }

  #vector(column: number) {
    return this.#duck.raw.data_chunk_get_vector(this.#chunk.chunk, column);
  }

  #data(column: number, size: number): Uint8Array {
    return this.#duck.raw.vector_get_data(this.#vector(column), this.rows * size);
  }
}

/** A text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
