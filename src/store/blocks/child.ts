import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';

/** A statement that is run once for each row of a query, with `{column}` replaced by what stands in the row. */
export interface RepeatedSql {
  readonly rows: string;
  readonly sql: string;
}

export interface SqlJob {
  /** Run in order on an empty database in memory. */
  readonly statements: readonly (string | RepeatedSql)[];
  /** Bytes that DuckDB may take. */
  readonly memory: number;
  /** Folder for what does not fit. */
  readonly spill: string;
  /** Each must answer one row. */
  readonly questions: readonly string[];
  /** Made lasting and hashed at the end, where they exist. */
  readonly files: readonly string[];
}

export interface SqlJobAnswer {
  readonly rows: readonly Readonly<Record<string, number | null>>[];
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/**
 * What the child runs. It stands here as text, since a file of its own would have to be found from the source tree,
 * from tests and from the built program alike.
 */
const PROGRAM = `
const fs = require('node:fs'), crypto = require('node:crypto');
setInterval(() => process.ppid === Number(process.env.PARENT) || process.kill(process.pid, 'SIGKILL'), 50).unref();
async function main() {
  const { duckdb, statements, memory, spill, questions, files } = JSON.parse(fs.readFileSync(0, 'utf8'));
  const { DuckDBInstance } = require(duckdb);
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1', memory_limit: Math.round(memory / 1024) + 'KiB', temp_directory: spill,
    autoinstall_known_extensions: 'false', autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const rowsOf = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  for (const statement of statements) {
    const rows = statement.rows === undefined ? [{}] : await rowsOf(statement.rows);
    for (const row of rows) await connection.run((statement.sql ?? statement).replace(/\\{(\\w+)\\}/g, (all, column) => row[column] ?? all));
  }
  const rows = [];
  for (const sql of questions) rows.push((await rowsOf(sql))[0]);
  const written = [];
  for (const path of files) {
    if (!fs.existsSync(path)) continue;
    const hash = crypto.createHash('sha256'), fd = fs.openSync(path, 'r+'), buffer = Buffer.alloc(1 << 20);
    fs.fsyncSync(fd);
    let bytes = 0;
    for (let n; (n = fs.readSync(fd, buffer)) > 0; bytes += n) hash.update(buffer.subarray(0, n));
    fs.closeSync(fd);
    written.push({ path, bytes, sha256: hash.digest('hex') });
  }
  fs.writeSync(1, JSON.stringify({ rows, files: written }));
}
main().catch((error) => { fs.writeSync(2, String(error && error.message || error)); process.exitCode = 1; });
`;

/**
 * Runs SQL in a process of its own at low priority, because what DuckDB takes from the system for a large sort is not
 * given back before the process ends. Rejects with DuckDB's words, or with the signal's reason after ending the child.
 * A child whose parent was killed ends itself: its locks on files would keep the next one from opening the store.
 */
export async function runSqlJob(job: SqlJob, signal?: AbortSignal): Promise<SqlJobAnswer> {
  signal?.throwIfAborted();
  const child = spawn(process.execPath, ['--max-semi-space-size=1', '-e', PROGRAM], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, PARENT: String(process.pid) },
  });
  const stop = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (child.pid !== undefined) lowerPriority(child.pid);
    const duckdb = createRequire(import.meta.url).resolve('@duckdb/node-api');
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => output.push(data));
    child.stderr.on('data', (data: Buffer) => errors.push(data));
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify({ ...job, duckdb }));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal?.throwIfAborted();
    if (code !== 0) throw new Error(Buffer.concat(errors).toString().trim() || `process ended with ${String(code)}`);
    return JSON.parse(Buffer.concat(output).toString()) as SqlJobAnswer;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, 10);
  } catch {
    // It may have ended already, or the system may not allow it; it then runs as it is.
  }
}
