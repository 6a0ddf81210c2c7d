import type { FloatHistogram } from '../../model/sample.ts';
import { markStale, wordsOf } from '../../model/sample.ts';
import type { DataFile, TableName } from '../blocks/data-file.ts';
import type { ChunkReader, Database } from '../duck.ts';
import { StoreError } from '../errors.ts';
import { unreadableSamples } from '../metrics.ts';
import type { HeadMark } from '../head/head.ts';
import { decodeHistogram } from '../head/histogram-blob.ts';

/** Samples of many series from disk, by column; series `k` of the request lies in `[starts[k], starts[k + 1])`. */
export interface DiskSamples {
  readonly starts: Uint32Array;
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** When the counter behind each sample began, 0 where unknown; undefined where no file tells. */
  readonly began: Float64Array | undefined;
  readonly histograms: ReadonlyMap<number, ReadonlyMap<number, FloatHistogram>>;
}

export interface DiskRequest {
  /** Numbers of the series wanted. */
  readonly numbers: readonly number[];
  /** One past the highest number there is. */
  readonly bound: number;
  readonly start: number;
  readonly end: number;
  readonly maxSamples: number;
  /** Rows that were committed later are left out. */
  readonly mark?: HeadMark;
}

/** Runs one read on a file; where some of its tables are found damaged, again without these. */
export type ReadFile = (file: DataFile, read: () => Promise<void>, signal?: AbortSignal) => Promise<void>;

interface Piece {
  /** Place in the request. */
  readonly places: Int32Array;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly began: Float64Array | undefined;
}

/** Reads the samples of the wanted series from the files, which must be held. @throws {StoreError} past `maxSamples`. */
export async function readDisk(
  database: Database,
  files: readonly DataFile[],
  request: DiskRequest,
  readFile: ReadFile,
  signal?: AbortSignal,
): Promise<DiskSamples> {
  const placeOf = new Int32Array(request.bound).fill(-1);
  request.numbers.forEach((number, place) => (placeOf[number] = place));
  const pieces: Piece[] = [];
  const histograms = new Map<number, Map<number, FloatHistogram>>();
  let total = 0;
  for (const file of files) {
    const own: Piece[] = [];
    const take = (piece: Piece) => {
      own.push(piece);
      total += piece.times.length;
      if (total <= request.maxSamples) return;
      throw new StoreError('too_many_samples', 'query would load more samples than it may');
    };
    await readFile(
      file,
      async () => {
        // It may be the second try, without a table that was found damaged.
        for (const { times } of own.splice(0)) total -= times.length;
        await scan(
          database,
          file,
          'samples',
          placeOf,
          request,
          (chunk) => take(samplesOf(chunk, file, placeOf)),
          signal,
        );
        await scan(
          database,
          file,
          'histograms',
          placeOf,
          request,
          (chunk) => take(histogramsOf(chunk, file, placeOf, histograms)),
          signal,
        );
        pieces.push(...own);
      },
      signal,
    );
  }
  const columns = scatter(pieces, request.numbers.length, total);
  if (pieces.every((piece) => piece.began === undefined)) return { ...columns, began: undefined, histograms };
  const beside = pieces.map((piece) => ({ ...piece, values: piece.began ?? new Float64Array(piece.times.length) }));
  return { ...columns, began: scatter(beside, request.numbers.length, total).values, histograms };
}

async function scan(
  database: Database,
  file: DataFile,
  name: TableName,
  placeOf: Int32Array,
  request: DiskRequest,
  take: (chunk: ChunkReader) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { mark } = request;
  const table = file.table(name, mark?.head === file ? mark.rows : undefined);
  if (table === undefined) return;
  const filter = seriesFilter(file, placeOf, request);
  if (filter === undefined) return;
  const value = name === 'samples' ? 'value' : 'histogram';
  const began = file.hasStarts ? ', coalesce(start_ts, 0)' : '';
  const sql = `select series, ts, ${value} ${began} from ${table}
    where ts between ${request.start} and ${request.end} ${filter}`;
  await database.scan(sql, take, signal);
}

/** Past these, testing each row here is cheaper than a list in SQL. */
const MAX_RANGES = 64;
const MAX_LIST = 20_000;

/** The condition on the file's own series numbers, '' for all of them, undefined where it holds none of the wanted. */
export function seriesFilter(
  file: DataFile,
  placeOf: Int32Array,
  request: { readonly numbers: readonly number[]; readonly bound: number },
): string | undefined {
  const local: number[] = [];
  if (file.seriesNumbers === undefined && request.numbers.length === request.bound) return '';
  if (file.seriesNumbers === undefined) {
    for (const number of request.numbers) if (file.holds?.[number] === 1) local.push(number);
    local.sort((a, b) => a - b);
  } else {
    const numbers = file.seriesNumbers;
    for (let i = 0; i < numbers.length; i++) if (placeOf[numbers[i]] >= 0) local.push(i);
    if (local.length === numbers.length) return '';
  }
  if (local.length === 0) return undefined;
  const ranges: [number, number][] = [];
  for (const number of local) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  const bounds = `and series between ${local[0]} and ${local[local.length - 1]}`;
  if (ranges.length === 1) return bounds;
  if (ranges.length <= MAX_RANGES) {
    const parts = ranges.map(([low, high]) => (low === high ? `series = ${low}` : `series between ${low} and ${high}`));
    return `${bounds} and (${parts.join(' or ')})`;
  }
  return local.length <= MAX_LIST ? `${bounds} and series in (${local.join(',')})` : bounds;
}

function samplesOf(chunk: ChunkReader, file: DataFile, placeOf: Int32Array): Piece {
  const places = placesOf(chunk.u32(0), file, placeOf);
  const values = chunk.f64(2);
  const nulls = chunk.nulls(2);
  if (nulls !== undefined) {
    const words = wordsOf(values);
    for (let i = 0; i < values.length; i++) if ((nulls[i >> 3] & (1 << (i & 7))) === 0) markStale(words, i);
  }
  return { places, times: chunk.i64(1), values, began: file.hasStarts ? chunk.i64(3) : undefined };
}

function histogramsOf(
  chunk: ChunkReader,
  file: DataFile,
  placeOf: Int32Array,
  histograms: Map<number, Map<number, FloatHistogram>>,
): Piece {
  const places = placesOf(chunk.u32(0), file, placeOf);
  const times = chunk.i64(1);
  const blobs = chunk.values(2) as { bytes: Uint8Array }[];
  for (let i = 0; i < times.length; i++) {
    if (places[i] < 0) continue;
    const histogram = decodeHistogram(blobs[i].bytes);
    if (histogram === undefined) {
      places[i] = -1;
      unreadableSamples.inc();
      continue;
    }
    const byTime = histograms.get(places[i]) ?? new Map<number, FloatHistogram>();
    histograms.set(places[i], byTime.set(times[i], histogram));
  }
  const values = new Float64Array(times.length).fill(Number.NaN);
  return { places, times, values, began: file.hasStarts ? chunk.i64(3) : undefined };
}

function placesOf(local: Uint32Array, file: DataFile, placeOf: Int32Array): Int32Array {
  const numbers = file.seriesNumbers;
  const places = new Int32Array(local.length);
  for (let i = 0; i < places.length; i++) {
    const number = numbers === undefined ? local[i] : numbers[local[i]];
    places[i] = number < placeOf.length ? placeOf[number] : -1;
  }
  return places;
}

/** Brings rows in any order together by series, in order of time, one for each time. */
function scatter(pieces: readonly Piece[], series: number, total: number): Omit<DiskSamples, 'began' | 'histograms'> {
  const starts = new Uint32Array(series + 1);
  for (const { places } of pieces) for (const place of places) if (place >= 0) starts[place + 1]++;
  for (let i = 0; i < series; i++) starts[i + 1] += starts[i];
  const times = new Float64Array(Math.min(total, starts[series]));
  const values = new Float64Array(times.length);
  const words = wordsOf(values);
  const next = starts.slice();
  const unordered = new Set<number>();
  for (const piece of pieces) {
    const from = wordsOf(piece.values);
    for (let i = 0; i < piece.places.length; i++) {
      const place = piece.places[i];
      if (place < 0) continue;
      const at = next[place]++;
      times[at] = piece.times[i];
      words[2 * at] = from[2 * i];
      words[2 * at + 1] = from[2 * i + 1];
      if (at > starts[place] && times[at - 1] >= times[at]) unordered.add(place);
    }
  }
  return unordered.size === 0 ? { starts, times, values } : ordered(starts, times, values, unordered);
}

/** Sorts the runs that are out of order; of samples of one time the one stored first stays. */
function ordered(starts: Uint32Array, times: Float64Array, values: Float64Array, unordered: ReadonlySet<number>) {
  const words = wordsOf(values);
  let repeats = false;
  for (const place of unordered) {
    const [from, to] = [starts[place], starts[place + 1]];
    if (to - from <= SHORT) sortShort(times, words, from, to);
    else sortLong(times, words, from, to);
    for (let i = from + 1; i < to; i++) repeats ||= times[i] === times[i - 1];
  }
  return repeats ? withoutRepeats(starts, times, values) : { starts, times, values };
}

/** Samples that are moved one by one: threads read side by side, so many series come a few samples out of order. */
const SHORT = 48;

function sortShort(times: Float64Array, words: Uint32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const time = times[i];
    if (times[i - 1] <= time) continue;
    const [low, high] = [words[2 * i], words[2 * i + 1]];
    let at = i;
    for (; at > from && times[at - 1] > time; at--) {
      times[at] = times[at - 1];
      words[2 * at] = words[2 * at - 2];
      words[2 * at + 1] = words[2 * at - 1];
    }
    times[at] = time;
    words[2 * at] = low;
    words[2 * at + 1] = high;
  }
}

function sortLong(times: Float64Array, words: Uint32Array, from: number, to: number): void {
  const ownTimes = times.slice(from, to);
  const ownWords = words.slice(2 * from, 2 * to);
  const order = Uint32Array.from(ownTimes, (_, i) => i).sort((a, b) => ownTimes[a] - ownTimes[b] || a - b);
  for (const [i, place] of order.entries()) {
    times[from + i] = ownTimes[place];
    words[2 * (from + i)] = ownWords[2 * place];
    words[2 * (from + i) + 1] = ownWords[2 * place + 1];
  }
}

function withoutRepeats(starts: Uint32Array, times: Float64Array, values: Float64Array) {
  const words = wordsOf(values);
  const outStarts = new Uint32Array(starts.length);
  let out = 0;
  for (let place = 0; place + 1 < starts.length; place++) {
    outStarts[place] = out;
    for (let i = starts[place]; i < starts[place + 1]; i++) {
      if (out > outStarts[place] && times[out - 1] === times[i]) continue;
      times[out] = times[i];
      words[2 * out] = words[2 * i];
      words[2 * out + 1] = words[2 * i + 1];
      out++;
    }
  }
  outStarts[starts.length - 1] = out;
  return { starts: outStarts, times, values };
}
