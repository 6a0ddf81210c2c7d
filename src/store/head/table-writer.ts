import type { DuckDBConnection, DuckDBDataChunk, DuckDBType } from '@duckdb/node-api';
import type bindings from '@duckdb/node-bindings';
import { wordsOf } from '../../model/sample.ts';
import type { Duck } from '../duck.ts';

/** Rows that DuckDB takes at once. */
const CHUNK_ROWS = 2048;

/** Chunks after which the table gets what was appended: all at the end would hold the event loop for long. */
const FLUSH_CHUNKS = 8;

type Vector = ReturnType<typeof bindings.data_chunk_get_vector>;

interface Column {
  type(duck: Duck): DuckDBType;
  flush(duck: Duck, vector: Vector, rows: number): void;
}

export class U8Column implements Column {
  readonly data = new Uint8Array(CHUNK_ROWS);

  type(duck: Duck): DuckDBType {
    return duck.api.UTINYINT;
  }

  flush(duck: Duck, vector: Vector, rows: number): void {
    duck.raw.copy_data_to_vector(vector, 0, this.data.buffer, 0, rows);
  }
}

export class U32Column implements Column {
  readonly data = new Uint32Array(CHUNK_ROWS);

  type(duck: Duck): DuckDBType {
    return duck.api.UINTEGER;
  }

  flush(duck: Duck, vector: Vector, rows: number): void {
    duck.raw.copy_data_to_vector(vector, 0, this.data.buffer, 0, rows * 4);
  }
}

export class I64Column implements Column {
  readonly words = new Int32Array(CHUNK_ROWS * 2);

  set(row: number, value: number): void {
    this.words[2 * row] = value | 0;
    this.words[2 * row + 1] = Math.floor(value / 4294967296);
  }

  type(duck: Duck): DuckDBType {
    return duck.api.BIGINT;
  }

  flush(duck: Duck, vector: Vector, rows: number): void {
    duck.raw.copy_data_to_vector(vector, 0, this.words.buffer, 0, rows * 8);
  }
}

export class F64Column implements Column {
  readonly data = new Float64Array(CHUNK_ROWS);
  readonly #words = wordsOf(this.data);
  #valid: Uint8Array<ArrayBuffer> | undefined;

  /** The value at `words[2i]`, bit for bit. */
  set(row: number, words: Uint32Array, i: number): void {
    this.#words[2 * row] = words[2 * i];
    this.#words[2 * row + 1] = words[2 * i + 1];
  }

  setNull(row: number): void {
    this.#valid ??= new Uint8Array(CHUNK_ROWS / 8).fill(0xff);
    this.#valid[row >> 3] &= ~(1 << (row & 7));
  }

  type(duck: Duck): DuckDBType {
    return duck.api.DOUBLE;
  }

  flush(duck: Duck, vector: Vector, rows: number): void {
    duck.raw.copy_data_to_vector(vector, 0, this.data.buffer, 0, rows * 8);
    if (this.#valid === undefined) return;
    duck.raw.vector_ensure_validity_writable(vector);
    duck.raw.copy_data_to_vector_validity(vector, 0, this.#valid.buffer, 0, this.#valid.byteLength);
    this.#valid = undefined;
  }
}

/** Texts without NUL, at which DuckDB would end them. */
export class TextColumn implements Column {
  readonly data: string[] = [];

  type(duck: Duck): DuckDBType {
    return duck.api.VARCHAR;
  }

  flush(duck: Duck, vector: Vector, rows: number): void {
    for (let i = 0; i < rows; i++) duck.raw.vector_assign_string_element(vector, i, this.data[i]);
    this.data.length = 0;
  }
}

/** Bytes as they are: a BLOB, or a VARCHAR where the bytes are known to be UTF-8. */
export class BytesColumn implements Column {
  readonly data: Uint8Array[] = [];
  readonly #kind: 'BLOB' | 'VARCHAR';

  constructor(kind: 'BLOB' | 'VARCHAR') {
    this.#kind = kind;
  }

  type(duck: Duck): DuckDBType {
    return duck.api[this.#kind];
  }

  flush(duck: Duck, vector: Vector, rows: number): void {
    for (let i = 0; i < rows; i++) duck.raw.vector_assign_string_element_len(vector, i, this.data[i]);
    this.data.length = 0;
  }
}

/** Appends rows to a table by column; the caller fills row `next()` of each column. Close it before the commit. */
export class TableWriter {
  readonly #duck: Duck;
  readonly #columns: readonly Column[];
  readonly #appender: Awaited<ReturnType<DuckDBConnection['createAppender']>>;
  readonly #chunk: DuckDBDataChunk;
  #rows = 0;
  #chunks = 0;
  #total = 0;

  private constructor(
    duck: Duck,
    columns: readonly Column[],
    appender: Awaited<ReturnType<DuckDBConnection['createAppender']>>,
  ) {
    this.#duck = duck;
    this.#columns = columns;
    this.#appender = appender;
    this.#chunk = duck.api.DuckDBDataChunk.create(columns.map((column) => column.type(duck)));
  }

  static async open(
    duck: Duck,
    connection: DuckDBConnection,
    catalog: string,
    table: string,
    columns: readonly Column[],
  ): Promise<TableWriter> {
    return new TableWriter(duck, columns, await connection.createAppender(table, 'main', catalog));
  }

  next(): number {
    if (this.#rows === CHUNK_ROWS) this.#flush();
    this.#total++;
    return this.#rows++;
  }

  /** Rows so far. */
  get total(): number {
    return this.#total;
  }

  close(): void {
    if (this.#rows > 0) this.#flush();
    this.#appender.closeSync();
  }

  #flush(): void {
    this.#chunk.reset();
    this.#chunk.rowCount = this.#rows;
    this.#columns.forEach((column, i) =>
      column.flush(this.#duck, this.#duck.raw.data_chunk_get_vector(this.#chunk.chunk, i), this.#rows),
    );
    this.#appender.appendDataChunk(this.#chunk);
    if (++this.#chunks % FLUSH_CHUNKS === 0) this.#appender.flushSync();
    this.#rows = 0;
  }
}
