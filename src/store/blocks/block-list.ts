import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Labels } from '../../model/labels.ts';
import { Block, parquetTable, readBlockMeta, setDamagedFilesAside, tablesOf } from './block.ts';
import type { BlockMeta } from './block.ts';
import type { Database } from '../duck.ts';
import type { Damage } from '../damage.ts';
import { storeErrorOf } from '../errors.ts';
import type { LogSources } from '../logs/log-sources.ts';
import type { SeriesRegistry } from '../series/registry.ts';
import type { SeriesState } from '../series/series-state.ts';

export interface BlockListParts {
  readonly database: Database;
  /** Of the blocks. */
  readonly folder: string;
  readonly storeId: string;
  readonly registry: SeriesRegistry;
  readonly state: SeriesState;
  readonly sources: LogSources;
  readonly damage: Damage;
}

/** By series of a block. */
interface SeriesRows {
  readonly numbers: Int32Array;
  /** Times of the oldest and newest sample; `low > high` where there is none. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The blocks of a store, and the numbers of the next. */
export class BlockList {
  readonly #parts: BlockListParts;
  #blocks: readonly Block[] = [];
  #next = 1;

  constructor(parts: BlockListParts) {
    this.#parts = parts;
  }

  get all(): readonly Block[] {
    return this.#blocks;
  }

  /** Oldest first. */
  byTime(): Block[] {
    return [...this.#blocks].sort((a, b) => a.minTime - b.minTime);
  }

  /** A folder for a new block. */
  nextFolder(): string {
    return join(this.#parts.folder, `block-${String(this.#next++).padStart(6, '0')}`);
  }

  /** The new block takes the place of others in one step. */
  replace(gone: readonly Block[], added: readonly Block[]): void {
    this.#blocks = [...this.#blocks.filter((block) => !gone.includes(block)), ...added];
  }

  /**
   * Reads what blocks there are and removes what a crash left half done. Returns the names of files that live on in a
   * block. Damaged files, and folders that hold no block, are moved aside.
   */
  async load(): Promise<ReadonlySet<string>> {
    const { folder } = this.#parts;
    const names = (await readdir(folder)).sort();
    for (const name of names) {
      if (name.startsWith('tmp-')) await rm(join(folder, name), { recursive: true, force: true });
    }
    const found: { folder: string; meta: BlockMeta }[] = [];
    for (const name of names.filter((other) => /^block-\d+$/.test(other))) {
      this.#next = Math.max(this.#next, Number(name.slice(6)) + 1);
      try {
        found.push({ folder: join(folder, name), meta: await readBlockMeta(join(folder, name)) });
      } catch (error) {
        await this.#setAside(join(folder, name), error);
      }
    }
    const superfluous = new Set(found.flatMap(({ meta }) => meta.from));
    for (const one of found) {
      if (superfluous.has(one.folder.slice(folder.length + 1))) {
        await rm(one.folder, { recursive: true, force: true });
        continue;
      }
      try {
        this.replace([], [await this.#openWhatIsWhole(one.folder, one.meta)]);
      } catch (error) {
        await this.#setAside(one.folder, error);
      }
    }
    return superfluous;
  }

  async #setAside(folder: string, error: unknown): Promise<void> {
    if (storeErrorOf(error, folder).reason !== 'unavailable') throw error;
    await this.#parts.damage.moveAside(folder, error);
  }

  /** Files of a wrong size are found at once, others where reading them fails. */
  async #openWhatIsWhole(folder: string, meta: BlockMeta): Promise<Block> {
    const { damage } = this.#parts;
    const sized = (await setDamagedFilesAside(folder, meta, 'sizes', damage)) ?? meta;
    try {
      return await this.open(folder, sized);
    } catch (error) {
      const rest = await setDamagedFilesAside(folder, sized, 'bytes', damage);
      if (rest === undefined) throw error;
      return this.open(folder, rest);
    }
  }

  /** Finds the block's series and log sources in the registry, or enters them there, and learns between which times they lie. */
  async open(folder: string, meta: BlockMeta): Promise<Block> {
    const rows = await this.#seriesRows(folder, meta);
    const block = await this.#open(folder, meta, rows, meta.store === this.#parts.storeId);
    const { seriesNumbers } = block;
    // Exactly, or a sample newer than the newest of its series, though not of the block, would be taken for late.
    for (let i = 0; i < seriesNumbers.length; i++) {
      if (rows.low[i] <= rows.high[i]) this.#parts.state.covers(seriesNumbers[i], rows.low[i], rows.high[i]);
    }
    return block;
  }

  /** As {@link open}, for a block whose rows are to be written anew under the numbers found: until then, it tells no times. */
  async foreign(folder: string, meta: BlockMeta): Promise<Block> {
    return this.#open(folder, meta, await this.#seriesRows(folder, meta), false);
  }

  async #open(folder: string, meta: BlockMeta, rows: SeriesRows, own: boolean): Promise<Block> {
    const series = await this.#seriesNumbers(folder, rows.numbers, own);
    const sources = tablesOf(meta).includes('log_sources') ? await this.#sourceNumbers(folder, own) : new Map();
    return new Block(folder, meta, series, sources as Map<number, number>);
  }

  async #seriesRows(folder: string, { series: count, format, minTime, maxTime }: BlockMeta): Promise<SeriesRows> {
    const rows = {
      numbers: new Int32Array(count),
      low: new Float64Array(count).fill(minTime),
      high: new Float64Array(count).fill(maxTime),
    };
    if (count === 0) return rows;
    const times = format < 2 ? '' : ', coalesce(min_ts, 1), coalesce(max_ts, 0)';
    await this.#parts.database.scan(
      `select series, number ${times} from ${parquetTable(folder, 'series')}`,
      (chunk) => {
        const series = chunk.u32(0);
        const stored = chunk.u32(1);
        const [low, high] = times === '' ? [] : [chunk.i64(2), chunk.i64(3)];
        for (let i = 0; i < chunk.rows; i++) {
          rows.numbers[series[i]] = stored[i];
          if (low !== undefined) rows.low[series[i]] = low[i];
          if (high !== undefined) rows.high[series[i]] = high[i];
        }
      },
    );
    return rows;
  }

  /** @param stored by series, the number that the block has for it: that of the registry in a store's `own` blocks. */
  async #seriesNumbers(folder: string, stored: Int32Array, own: boolean): Promise<Int32Array> {
    const { database, registry } = this.#parts;
    if (own && stored.every((number) => registry.knows(number))) return stored;
    const numbers = stored.slice();
    await database.scan(`select series, to_json(labels)::varchar from ${parquetTable(folder, 'series')}`, (chunk) => {
      const series = chunk.u32(0);
      const labels = chunk.text(1);
      for (let i = 0; i < chunk.rows; i++) {
        const number = stored[series[i]];
        if (own && registry.knows(number)) continue;
        const parsed = Labels.of(JSON.parse(labels[i]) as Record<string, string>);
        if (own && registry.restore(number, parsed)) continue;
        numbers[series[i]] = registry.add(parsed);
      }
    });
    return numbers;
  }

  async #sourceNumbers(folder: string, own: boolean): Promise<Map<number, number>> {
    const numbers = new Map<number, number>();
    const rows = await this.#parts.database.rows(
      `select source, id, path, to_json(fields)::varchar as fields, position::double as position
       from ${parquetTable(folder, 'log_sources')}`,
    );
    for (const { source, id, path, fields, position } of rows) {
      const parsed = JSON.parse(fields as string) as Record<string, string>;
      const known = { id: id as string, path: path as string, fields: parsed };
      numbers.set(Number(source), this.#parts.sources.restore(Number(source), known, own));
      this.#parts.sources.restorePosition(known.id, (position as number | null) ?? -1);
    }
    return numbers;
  }
}
