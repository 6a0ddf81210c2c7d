import type { AlertEvent } from '../model/alert.ts';
import { Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../model/sample.ts';
import type { Database } from './duck.ts';
import { StoreError } from './errors.ts';
import { FORMAT } from './head/head.ts';
import type { AlertHistoryQuery } from './types.ts';

/**
 * What is small and changes in place: the store's own name, metric metadata, alert history. The file of the main
 * database, and by DuckDB's lock on it the sign that the folder is in use.
 */
export class Catalog {
  readonly storeId: string;
  readonly #database: Database;
  readonly #metadata: Map<string, MetricMetadata>;

  private constructor(database: Database, storeId: string, metadata: Map<string, MetricMetadata>) {
    this.#database = database;
    this.storeId = storeId;
    this.#metadata = metadata;
  }

  static async open(database: Database): Promise<Catalog> {
    await database.run(`
      create table if not exists about(format integer, store_id varchar);
      create table if not exists metadata(metric varchar primary key, type varchar, unit varchar, help varchar);
      create table if not exists alert_events(ts bigint, fingerprint varchar, alertname varchar, labels varchar,
        kind varchar, value double, detail varchar)`);
    await database.run(`insert into about select ${FORMAT}, uuid() where not exists (from about)`);
    const [about] = await database.rows('select format, store_id from about');
    if (Number(about.format) > FORMAT) {
      throw new StoreError('version', `the store was written by a newer crowsnest (format ${String(about.format)})`);
    }
    const rows = await database.rows('select metric, type, unit, help from metadata');
    const metadata = rows.map((row) => row as { [key in keyof MetricMetadata]: never });
    return new Catalog(database, String(about.store_id), new Map(metadata.map((entry) => [entry.metric, entry])));
  }

  /** The known metadata, of one metric or ('') of all. */
  metadata(metric: string): MetricMetadata[] {
    if (metric === '') return [...this.#metadata.values()];
    const entry = this.#metadata.get(metric);
    return entry === undefined ? [] : [entry];
  }

  /**
   * Resolves when what changed is on disk; what did not change costs nothing. An entry without a type, unit or help says
   * nothing of it: what is known stays.
   */
  async writeMetadata(entries: readonly MetricMetadata[]): Promise<void> {
    const changed = new Map<string, MetricMetadata>();
    for (const entry of entries) {
      const known = this.#metadata.get(entry.metric);
      const merged = mergeMetadata(known, entry);
      if (known !== undefined && sameMetadata(known, merged)) continue;
      this.#metadata.set(entry.metric, merged);
      changed.set(entry.metric, merged);
    }
    if (changed.size === 0) return;
    const rows = [...changed.values()].map(({ metric, type, unit, help }) => ({ metric, type, unit, help }));
    await this.#insert('insert or replace into metadata', METADATA_COLUMNS, rows);
  }

  async recordAlertEvents(events: readonly AlertEvent[]): Promise<void> {
    if (events.length === 0) return;
    const rows = events.map((event) => ({ ...event, ts: event.at, labels: JSON.stringify(event.labels) }));
    await this.#insert('insert into alert_events', EVENT_COLUMNS, rows);
  }

  /** Newest first. */
  async alertEvents(query: AlertHistoryQuery): Promise<AlertEvent[]> {
    const rows = await this.#database.rows(
      `select ts::double as ts, fingerprint, alertname, labels, kind, value, detail from alert_events
       where ts between $1 and $2 and ($3 = '' or alertname = $3) and ($4 = '' or fingerprint = $4)
       order by ts desc, rowid desc limit $5`,
      [query.start, query.end, query.alertname, query.fingerprint, Math.max(0, query.limit)],
    );
    return rows.map((row) => ({
      at: row.ts as number,
      fingerprint: row.fingerprint as string,
      alertname: row.alertname as string,
      labels: Labels.of(JSON.parse(row.labels as string) as Record<string, string>),
      kind: row.kind as AlertEvent['kind'],
      value: (row.value as number | null) ?? Number.NaN,
      detail: row.detail as string,
    }));
  }

  async dropAlertEvents(before: number): Promise<void> {
    await this.#database.run('delete from alert_events where ts < $1', [before]);
  }

  /** Rows as one JSON text: one statement, one commit, whatever their number. Numbers that JSON lacks become NULL. */
  async #insert(into: string, columns: Readonly<Record<string, string>>, rows: readonly object[]): Promise<void> {
    const names = Object.keys(columns).join(', ');
    await this.#database.run(
      `${into} (${names}) select ${names} from (select unnest(from_json($1, $2), recursive := true))`,
      [JSON.stringify(rows), JSON.stringify([columns])],
    );
  }
}

const METADATA_COLUMNS = { metric: 'VARCHAR', type: 'VARCHAR', unit: 'VARCHAR', help: 'VARCHAR' };
const EVENT_COLUMNS = {
  ts: 'BIGINT', fingerprint: 'VARCHAR', alertname: 'VARCHAR', labels: 'VARCHAR', kind: 'VARCHAR', value: 'DOUBLE',
  detail: 'VARCHAR',
}; // prettier-ignore

function mergeMetadata(known: MetricMetadata | undefined, entry: MetricMetadata): MetricMetadata {
  if (known === undefined) return entry;
  return {
    metric: entry.metric,
    type: entry.type === 'unknown' ? known.type : entry.type,
    unit: entry.unit === '' ? known.unit : entry.unit,
    help: entry.help === '' ? known.help : entry.help,
  };
}

function sameMetadata(a: MetricMetadata, b: MetricMetadata): boolean {
  return a.type === b.type && a.unit === b.unit && a.help === b.help;
}
