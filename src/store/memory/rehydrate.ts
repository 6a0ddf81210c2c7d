import type { Clock } from '../../lib/time/clock.ts';
import { TimeSlice } from '../../lib/time/time-slice.ts';
import { wordsOf } from '../../model/sample.ts';
import { HISTOGRAM_WEIGHT } from '../blocks/compaction.ts';
import { covers } from '../blocks/data-file.ts';
import type { DataFile } from '../blocks/data-file.ts';
import { readDisk } from '../read/disk-reader.ts';
import type { DiskRequest, DiskSamples, ReadFile } from '../read/disk-reader.ts';
import type { Database } from '../duck.ts';
import { whileReading } from '../lease.ts';
import type { ReloadedSamples } from './reloaded-samples.ts';
import type { SeriesRegistry } from '../series/registry.ts';
import type { MemoryWindow } from './window.ts';

export interface WarmingParts {
  readonly window: MemoryWindow;
  readonly registry: SeriesRegistry;
  readonly database: Database;
  readonly clock: Clock;
  settled(time: number): Promise<unknown>;
  files(): readonly DataFile[];
  readonly readFile: ReadFile;
}

/** About what a sample takes in memory, so that what will not fit is not read. */
const SAMPLE_BYTES = 5;

/** Rows of one read: 10 MB while they are sorted by series, in a few milliseconds. */
const ROWS = 200_000;

/** The most rows of one read that hold more than was reckoned. */
const MAX_ROWS = 4_000_000;

/** Samples that are gathered before they are sealed, so that a series with few in each read has longer chunks: 32 MB. */
const GATHERED = 2_000_000;

/** Series of a block, or milliseconds of a head, whose rows are counted together. */
const BUCKET = { series: 16, ts: 1000 };

/**
 * Brings the newest samples on disk back into memory after the window was emptied, as far back as `span` milliseconds and its
 * budget allow; answers how many, or undefined where it was emptied again meanwhile. Others go on all the time.
 *
 *   files, oldest first ─▶ reads of 200 k rows: a head by time, a block by series ─▶ chunks behind the window
 *
 * It reads as queries do, so memory answers what the disk would. No file may be taken away while it runs, except a damaged one.
 */
export async function warm(parts: WarmingParts, span: number, signal: AbortSignal): Promise<number | undefined> {
  const { window, clock } = parts;
  const end = window.floor;
  const from = Math.max(clock.now() - span, affordable(parts, end));
  const older = window.bringBack(from);
  if (older === undefined) return 0;
  // What is on its way to the disk was not told to `older`; what comes from now on is.
  await parts.settled(end);
  const filler = new WindowLoader(older);
  for (const file of parts.files().filter((one) => covers(one, from + 1, end))) {
    const requests = await whileThere(parts, file, () => readsOf(parts, file, from + 1, end, signal));
    for (const request of requests ?? []) {
      const read = () => readDisk(parts.database, [file], request, parts.readFile, signal);
      const samples = await whileThere(parts, file, read);
      if (!window.wants(older)) return undefined;
      if (samples !== undefined) await filler.add(request.numbers, samples, file.seriesNumbers === undefined);
      window.shrink();
      if (older.lost) throw new Error('too little memory for them, or too many of them out of order');
    }
    await filler.seal();
  }
  signal.throwIfAborted();
  if (older.lost || !window.wants(older)) return undefined;
  older.whole = true;
  return filler.samples;
}

/** Undefined where the file was found damaged and is gone. */
async function whileThere<T>(parts: WarmingParts, file: DataFile, read: () => Promise<T>): Promise<T | undefined> {
  return parts.files().includes(file) ? whileReading([file.lease], read) : undefined;
}

/** The time past which the samples on disk fit into memory, as if each file held them evenly. */
function affordable(parts: WarmingParts, end: number): number {
  const { window, registry } = parts;
  let samples = window.roomBeside(registry.size) / SAMPLE_BYTES;
  for (const { minTime, maxTime, samples: held } of [...parts.files()].sort((a, b) => b.maxTime - a.maxTime)) {
    if (held > samples) return Math.min(end, maxTime - Math.max(0, samples / held) * (maxTime - minTime));
    samples -= held;
  }
  return -Infinity;
}

/** Cuts the samples of a file into reads of about equal size: a head by time, a block by series, as each lies on disk. */
async function readsOf(
  { database, registry }: WarmingParts,
  file: DataFile,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<DiskRequest[]> {
  const { bound } = registry;
  const everything = { numbers: Array.from({ length: bound }, (_, i) => i), bound, start, end, maxSamples: MAX_ROWS };
  const { seriesNumbers } = file;
  const key = seriesNumbers === undefined ? 'ts' : 'series';
  const buckets: [number, number][] = [];
  const rows = (['samples', 'histograms'] as const).flatMap((name) => {
    const table = file.table(name);
    const weight = name === 'samples' ? 1 : HISTOGRAM_WEIGHT;
    return table === undefined
      ? []
      : [`select ${key}, ${weight} as weight from ${table} where ts between ${start} and ${end}`];
  });
  if (rows.length === 0) return [];
  const sql = `select (${key} // ${BUCKET[key]})::bigint as bucket, sum(weight)::bigint from (${rows.join(' union all ')})
    group by bucket order by bucket`;
  await database.scan(sql, (chunk) => {
    const [places, counts] = [chunk.i64(0), chunk.i64(1)];
    places.forEach((place, i) => buckets.push([place * BUCKET[key], counts[i]]));
  }, signal); // prettier-ignore
  const reads: DiskRequest[] = [];
  const cuts = cutsOf(buckets);
  for (const [i, cut] of cuts.entries()) {
    const next = cuts[i + 1] ?? Infinity;
    reads.push(
      seriesNumbers === undefined
        ? { ...everything, start: Math.max(start, i === 0 ? start : cut), end: Math.min(end, next - 1) }
        : { ...everything, numbers: Array.from(seriesNumbers.subarray(i === 0 ? 0 : cut, next)) },
    );
  }
  return reads;
}

/** Where reads of about {@link ROWS} rows begin. */
function cutsOf(buckets: readonly (readonly [place: number, rows: number])[]): number[] {
  const cuts: number[] = [];
  let rows = Infinity;
  for (const [place, count] of buckets) {
    if (rows + count > ROWS) {
      cuts.push(place);
      rows = 0;
    }
    rows += count;
  }
  return cuts;
}

type Gathered = DiskSamples & { readonly words: Uint32Array };

/** Seals what was read, in slices of time. */
class WindowLoader {
  samples = 0;
  readonly #older: ReloadedSamples;
  #gathered: Gathered[] = [];
  #numbers: readonly number[] = [];
  #waiting = 0;
  #times = new Float64Array(4096);
  #values = new Float64Array(4096);
  #words = wordsOf(this.#values);

  constructor(older: ReloadedSamples) {
    this.#older = older;
  }

  /** `numbers`: of the series in `samples`. Reads of the same series may be gathered. */
  async add(numbers: readonly number[], samples: DiskSamples, gather: boolean): Promise<void> {
    this.#numbers = numbers;
    this.#gathered.push({ ...samples, words: wordsOf(samples.values) });
    this.#waiting += samples.times.length;
    if (!gather || this.#waiting >= GATHERED) await this.seal();
  }

  async seal(): Promise<void> {
    const gathered = this.#gathered;
    this.#gathered = [];
    this.samples += this.#waiting;
    this.#waiting = 0;
    const slice = new TimeSlice();
    for (let place = 0; place < this.#numbers.length; place++) {
      this.#sealOne(gathered, place, this.#numbers[place]);
      if (place % 64 === 0 && slice.due) await slice.pause();
    }
  }

  #sealOne(gathered: readonly Gathered[], place: number, number: number): void {
    let count = 0;
    let plain = !this.#older.hasStarts;
    for (const { starts, times, words, histograms, began } of gathered) {
      const to = starts[place + 1];
      this.#reserve(count + to - starts[place]);
      for (let i = starts[place]; i < to; i++, count++) {
        this.#times[count] = times[i];
        this.#words[2 * count] = words[2 * i];
        this.#words[2 * count + 1] = words[2 * i + 1];
      }
      plain &&= histograms.size === 0 && began === undefined;
    }
    if (count === 0) return;
    this.#older.fill(number, this.#times, this.#values, this.#words, 0, count);
    if (plain) return;
    for (const { histograms, starts, times, began } of gathered) {
      for (const [time, histogram] of histograms.get(place) ?? []) this.#older.addHistogram(number, time, histogram);
      if (began === undefined && !this.#older.hasStarts) continue;
      for (let i = starts[place]; i < starts[place + 1]; i++) {
        this.#older.addStart(number, times[i], began === undefined ? 0 : began[i]);
      }
    }
  }

  #reserve(count: number): void {
    if (count <= this.#times.length) return;
    const grownTimes = new Float64Array(count * 2);
    const grownValues = new Float64Array(count * 2);
    grownTimes.set(this.#times);
    grownValues.set(this.#values);
    this.#times = grownTimes;
    this.#values = grownValues;
    this.#words = wordsOf(grownValues);
  }
}
