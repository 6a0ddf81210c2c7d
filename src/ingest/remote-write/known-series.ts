import { TimeSlice } from '../../lib/time/time-slice.ts';
import { type Clock, systemClock } from '../../lib/time/clock.ts';
import type { Labels } from '../../model/labels.ts';
import { type SampleBatch, type Series, type SeriesLayout, wordsOf } from '../../model/sample.ts';

/** A series that nobody wrote for one to two of these is forgotten, milliseconds. */
const GENERATION = 10 * 60_000;
/** Places of remembered layouts, per known series: senders that cut their requests anew each time fill it in vain. */
const LAYOUT_PLACES = 4;

const RECORD = 0x0a;
const SAMPLES = 0x12;
const VALUE = 0x09;
const TIMESTAMP = 0x10;

/** Series between two looks at the clock. */
const SERIES_BETWEEN_LOOKS = 256;

/** Labels that cannot be a series. */
export class UnfitLabels extends Error {}

/** @throws {UnfitLabels} */
export type ParseLabels = (message: Buffer, start: number, end: number) => Labels;

/** Bytes of many series' labels together. */
const PAGE = 256 * 1024;

/**
 * A series by the bytes of its labels, which are decoded when somebody asks for them: a store that knows the layout never
 * does, so they take no memory besides.
 */
class KnownOne implements Series {
  readonly #parse: ParseLabels;
  #first: Labels | undefined;
  #page: Buffer;
  #at: number;
  /** Bytes of the labels. */
  readonly length: number;

  /** @param first what the bytes were found to be; who asks first gets it. */
  constructor(parse: ParseLabels, first: Labels | undefined, page: Buffer, at: number, length: number) {
    this.#parse = parse;
    this.#first = first;
    this.#page = page;
    this.#at = at;
    this.length = length;
  }

  get labels(): Labels {
    const labels = this.#first ?? this.#parse(this.#page, this.#at, this.#at + this.length);
    this.#first = undefined;
    return labels;
  }

  isWritten(message: Buffer, start: number, end: number): boolean {
    if (end - start !== this.length) return false;
    return message.compare(this.#page, this.#at, this.#at + this.length, start, end) === 0;
  }

  /** Whether its labels are those that begin at `start`; what lies up to `end` is theirs and a sample. */
  isAt(message: Buffer, start: number, end: number): boolean {
    const behind = start + this.length;
    return behind < end && message[behind] === SAMPLES && this.isWritten(message, start, behind);
  }

  /** Its bytes lie elsewhere now. */
  move(page: Buffer, at: number): void {
    this.#page = page;
    this.#at = at;
  }
}

/**
 * Reads version 1 requests of series that were written before, comparing the bytes of their labels with what is known
 * instead of decoding them. A request with the series of an earlier one gives the same layout object again.
 */
export class KnownSeries {
  readonly #parse: ParseLabels;
  readonly #clock: Clock;
  /** By hash of their bytes; of two with the same hash the later one is known. */
  #recent = new Map<number, KnownOne>();
  #older = new Map<number, KnownOne>();
  /** Where the bytes of this generation's series go. */
  #page = Buffer.alloc(0);
  #used = 0;
  #turned: number;
  /** By the first series. */
  readonly #layouts = new Map<KnownOne, KnownLayout>();
  #places = 0;

  /** @param parse decodes the labels that lie in `[start, end)` of a message. */
  constructor(parse: ParseLabels, clock: Clock = systemClock) {
    this.#parse = parse;
    this.#clock = clock;
    this.#turned = clock.now();
  }

  /**
   * The batch; undefined for a message of another shape than labels and one plain sample in each series.
   * @throws {UnfitLabels}
   */
  async read(message: Buffer): Promise<SampleBatch | undefined> {
    this.#age();
    const slice = new TimeSlice();
    const series: KnownOne[] = [];
    const samples: number[] = [];
    let expected: KnownLayout | undefined;
    for (let at = 0; at < message.length;) {
      if (message[at] !== RECORD) return undefined;
      const end = endOf(message, at + 1);
      const start = pastVarint(message, at + 1);
      if (end > message.length) return undefined;
      const guess = expected?.series[series.length];
      const guessed = guess?.isAt(message, start, end) === true;
      const labelsEnd = guessed ? start + guess.length : endOfLabels(message, start, end);
      const sample = sampleIn(message, labelsEnd, end);
      if (sample === undefined) return undefined;
      const found = guessed ? guess : this.#find(message, start, labelsEnd);
      if (series.length === 0) expected = this.#layouts.get(found);
      series.push(found);
      samples.push(sample);
      at = end;
      if (series.length % SERIES_BETWEEN_LOOKS === 0 && slice.due) await slice.pause();
    }
    if (series.length === 0) return undefined;
    return { layout: this.#layoutOf(series, expected), ...columns(message, samples) };
  }

  #find(message: Buffer, start: number, end: number): KnownOne {
    const hash = hashOf(message, start, end);
    const recent = this.#recent.get(hash);
    if (recent?.isWritten(message, start, end)) return recent;
    const older = this.#older.get(hash);
    const known = older?.isWritten(message, start, end) ? older : undefined;
    const labels = known === undefined ? this.#parse(message, start, end) : undefined;
    const at = this.#copy(message, start, end);
    // The pages of an earlier generation are let go of as a whole.
    known?.move(this.#page, at);
    const found = known ?? new KnownOne(this.#parse, labels, this.#page, at, end - start);
    this.#recent.set(hash, found);
    return found;
  }

  /** Copies the bytes to the page; answers where they lie there. */
  #copy(message: Buffer, start: number, end: number): number {
    if (this.#used + end - start > this.#page.length) {
      this.#page = Buffer.allocUnsafeSlow(Math.max(PAGE, end - start));
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += message.copy(this.#page, at, start, end);
    return at;
  }

  #layoutOf(series: readonly KnownOne[], expected: KnownLayout | undefined): KnownLayout {
    if (expected?.series.length === series.length && series.every((one, i) => one === expected.series[i]))
      return expected;
    if (this.#places > LAYOUT_PLACES * (this.#recent.size + this.#older.size)) this.#forgetLayouts();
    const layout = { series };
    this.#layouts.set(series[0], layout);
    this.#places += series.length;
    return layout;
  }

  #age(): void {
    if (this.#clock.now() - this.#turned < GENERATION) return;
    this.#turned = this.#clock.now();
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#used = this.#page.length;
    // A known layout does not look its series up, so all are looked up once a generation.
    this.#forgetLayouts();
  }

  #forgetLayouts(): void {
    this.#layouts.clear();
    this.#places = 0;
  }
}

interface KnownLayout extends SeriesLayout {
  readonly series: readonly KnownOne[];
}

function endOfLabels(message: Buffer, start: number, end: number): number {
  let at = start;
  while (message[at] === RECORD && at < end) at = endOf(message, at + 1);
  return at;
}

/** Where the fields of the one sample begin that lies in `[at, end)`; undefined where something else does. */
function sampleIn(message: Buffer, at: number, end: number): number | undefined {
  if (message[at] !== SAMPLES || at >= end || endOf(message, at + 1) !== end) return undefined;
  const sample = pastVarint(message, at + 1);
  // A value of zero is left out.
  const time = message[sample] === VALUE ? sample + 9 : sample;
  if (message[time] !== TIMESTAMP || pastVarint(message, time + 1) !== end || end - time > 8) return undefined;
  return sample;
}

function columns(message: Buffer, samples: readonly number[]): Pick<SampleBatch, 'values' | 'timestamps'> {
  const values = new Float64Array(samples.length);
  const timestamps = new Float64Array(samples.length);
  const words = wordsOf(values);
  for (let i = 0; i < samples.length; i++) {
    let at = samples[i];
    if (message[at] === VALUE) {
      // By words: a staleness marker must arrive bit for bit.
      words[2 * i] = message.readUInt32LE(at + 1);
      words[2 * i + 1] = message.readUInt32LE(at + 5);
      at += 9;
    }
    timestamps[i] = varint(message, at + 1);
  }
  return { values, timestamps };
}

/** FNV-1a. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash;
}

function varint(bytes: Buffer, at: number): number {
  let value = 0;
  for (let scale = 1; ; at++, scale *= 128) {
    value += (bytes[at] & 127) * scale;
    if (!(bytes[at] > 127)) return value;
  }
}

function pastVarint(bytes: Buffer, at: number): number {
  while (bytes[at] > 127) at++;
  return at + 1;
}

/** Behind a message whose length stands at `at`. */
function endOf(bytes: Buffer, at: number): number {
  return pastVarint(bytes, at) + varint(bytes, at);
}
