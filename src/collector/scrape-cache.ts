import { isUtf8 } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Labels } from '../model/labels.ts';
import type { MetricMetadata, SampleBatch, Series, SeriesExemplar, SeriesLayout } from '../model/sample.ts';
import { isMetadata, MAX_COMMENT_BYTES, MetadataTable } from './exposition/comment.ts';
import { parseExemplar } from './exposition/exemplar.ts';
import { canonicalFloat } from './exposition/float.ts';
import type { Format } from './exposition/format.ts';
import { faultOfEnd, parseSeriesText, seriesEnd } from './exposition/series-text.ts';
import { COMMENT, DROPPED, FORGOTTEN, LineCache, TYPE_HISTOGRAM, TYPE_OTHER, TYPE_SUMMARY } from './line-cache.ts';
import { type LineFault, ScrapeParse } from './scrape-parse.ts';
import { withStale } from './report.ts';
import { ScrapeError } from './scrape-error.ts';
import { buildLabels, sameLabels, type SeriesRules } from './series-builder.ts';
import { TargetSeries } from './target-series.ts';

const TAB = 9;
const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;

/** Work in one turn of the event loop, about 6 ms; the unit is a line that was met where it was expected. */
const SLICE = 40_000;
const COST_LOOKUP = 5;
const COST_NEW_SERIES = 60;
/** Of a new series, for its name and value each: sorting and comparing come to more than the bytes. */
const COST_LABEL_PART = 8;
/** Bytes of a line's text that cost as much as a line that was expected. */
const BYTES_PER_COST = 16;

/** Samples of one page without a `sample_limit`: series cost about 400 bytes each, and an endless page must not take all memory. */
const MAX_SAMPLES = 1_000_000;
/** Lines beyond the limit of samples that are relabeled to find how many would be left; further ones count as left. */
const MAX_RELABELED = 100_000;

export interface CacheOptions {
  readonly rules: SeriesRules;
  /** Whether timestamps on the page count. */
  readonly honorTimestamps: boolean;
  /** Whether series with timestamps of their own go stale as others do. */
  readonly trackTimestampsStaleness: boolean;
  /** Series of one page after relabeling; 0 is no limit. */
  readonly sampleLimit: number;
  /** The series about the scrape itself, last in every layout. */
  readonly report: readonly Series[];
}

export interface PageSummary {
  /** Sample lines that could be read. */
  readonly scraped: number;
  /** Of these, what relabeling let through. */
  readonly kept: number;
  readonly added: number;
  /** To be marked stale. */
  readonly vanished: readonly Series[];
  readonly faults: ReadonlyMap<LineFault, number>;
  /** The first broken line, cut, for the log; '' without. */
  readonly firstFault: string;
  readonly exemplars: readonly SeriesExemplar[];
  readonly metadata: readonly MetricMetadata[];
}

/**
 * Reads the pages of one target, fast where a page has the lines of the one before.
 *
 * A line equal, byte for byte, to the one expected next costs a compare and the parsing of its value. Any other is looked
 * up by hash, and only a text never met is taken apart. The price is one copy of the page's texts per target.
 *
 * A broken line is left out and counted, and the rest of the page holds (Prometheus fails the scrape). A page without one
 * good line, an OpenMetrics page without its end, and a limit exceeded fail the scrape as a whole.
 */
export class ScrapeCache {
  readonly #options: CacheOptions;
  readonly #slots: TargetSeries;
  readonly #metadata = new MetadataTable();
  readonly #lines = new LineCache();
  #scrape = 0;
  readonly #lastExemplars = new Map<Series, string>();

  constructor(options: CacheOptions) {
    this.#options = options;
    this.#slots = new TargetSeries(options.report, options.trackTimestampsStaleness);
  }

  /**
   * Reads a page; `time` (milliseconds) is the timestamp of samples for which the page gives none. Other work runs between
   * slices, and `page` must not change meanwhile. One read at a time.
   * @throws {ScrapeError} after which `abandon` must be called
   */
  async read(page: Buffer, format: Format, time: number): Promise<PageSummary> {
    this.#scrape++;
    const run = new ScrapeParse(page, format, time, this.#lines.spareOrder());
    try {
      while (!this.#readSlice(run)) await nextTurn();
      this.#checkWhole(run);
    } catch (error) {
      throw error instanceof ScrapeError ? error.after(run) : error;
    }
    if (run.strayed || run.lines !== this.#lines.length) this.#lines.takeOrder(run.order, run.lines);
    const { vanished, added, moved } = this.#slots.settle(this.#scrape);
    this.#tidy(moved);
    for (const series of vanished) this.#lastExemplars.delete(series);
    const { scraped, kept, faults, firstFault, exemplars } = run;
    return {
      scraped,
      kept,
      added,
      vanished,
      faults,
      firstFault,
      exemplars,
      metadata: this.#metadata.takeChanged(),
    };
  }

  /** After a page that failed: the series to mark stale. */
  abandon(): readonly Series[] {
    const { vanished, moved } = this.#slots.abandon();
    this.#tidy(moved);
    return vanished;
  }

  /** What the target's pages say about their metrics. */
  metadata(): readonly MetricMetadata[] {
    return this.#metadata.all();
  }

  /** Every series that goes stale with the target, without those about the scrape. */
  tracked(): readonly Series[] {
    return this.#slots.isDown ? [] : this.#slots.tracked();
  }

  /** The series of the next `batch`, those about the scrape among them. */
  get layout(): SeriesLayout {
    return this.#slots.layout;
  }

  get seriesCount(): number {
    return this.#slots.isDown ? 0 : this.#slots.count;
  }

  /**
   * All that belongs to the scrape just read: its samples, the values of the series about the scrape, in the order these were
   * given, and staleness markers of the `vanished`. One batch, so that a reader sees all of it or nothing.
   */
  batch(
    time: number,
    report: readonly number[],
    exemplars: readonly SeriesExemplar[],
    vanished: readonly Series[] = [],
  ): SampleBatch {
    const batch = withStale(this.#slots.batch(time, report), vanished, time);
    return exemplars.length === 0 ? batch : { ...batch, exemplars };
  }

  /** Reads lines until the turn is used up or the page is at its end, which it answers. */
  #readSlice(run: ScrapeParse): boolean {
    run.budget = SLICE;
    while (run.at < run.page.length && run.budget > 0) {
      this.#readExpected(run);
      if (run.at < run.page.length && run.budget > 0) this.#readUnexpected(run);
    }
    run.overLimit = run.kept > this.#sampleLimit;
    return run.at >= run.page.length;
  }

  get #sampleLimit(): number {
    return this.#options.sampleLimit || MAX_SAMPLES;
  }

  #checkWhole(run: ScrapeParse): void {
    run.checkNotGarbage();
    if (!run.overLimit) return;
    const limit = `more than ${this.#sampleLimit} samples`;
    const whose = this.#options.sampleLimit > 0 ? 'the sample_limit of the target' : 'the most without a sample_limit';
    throw new ScrapeError('sample_limit', `${limit}, ${whose}`);
  }

  /** The lines that come in the order of the last page, up to one that does not. */
  #readExpected(run: ScrapeParse): void {
    // Everything in locals: this loop runs for every line of every scrape, and a property read in it costs half again.
    const { page, tail, time, order: nextOrder } = run;
    const { meaning: meanings, order, length: expected } = this.#lines;
    const { bytes, starts, lengths } = this.#lines.keys;
    const { values, timestamps, seen, explicit } = this.#slots;
    const scrape = this.#scrape;
    const honorTimestamps = this.#options.honorTimestamps;
    const pageEnd = page.length;
    const first = run.cursor;
    const stop = Math.min(expected, first + run.budget, first + nextOrder.length - run.lines);
    let { at, cursor, lines, scraped, kept, type } = run;
    for (; cursor < stop && at < pageEnd; cursor++) {
      const number = order[cursor];
      const start = starts[number];
      const length = lengths[number];
      const behind = at + length;
      if (behind >= pageEnd || page.compare(bytes, start, start + length, at, behind) !== 0) break;
      const meaning = meanings[number];
      const next = page[behind];
      if (meaning <= COMMENT) {
        if (next !== NEWLINE) break;
        if (meaning !== COMMENT) type = meaning;
        at = behind + 1;
      } else {
        if (meaning === FORGOTTEN || (next !== SPACE && next !== TAB)) break;
        const value = tail.read(page, behind);
        if (tail.end < 0 || tail.exemplar >= 0) break;
        if (meaning >= 0) {
          if (seen[meaning] === scrape) break;
          const timestamp = tail.timestamp;
          const own = honorTimestamps && !Number.isNaN(timestamp);
          seen[meaning] = scrape;
          values[meaning] = value;
          timestamps[meaning] = own ? timestamp : time;
          explicit[meaning] = own ? 1 : 0;
          kept++;
        }
        scraped++;
        at = tail.end;
      }
      nextOrder[lines++] = number;
    }
    run.budget -= cursor - first;
    run.at = at;
    run.cursor = cursor;
    run.lines = lines;
    run.scraped = scraped;
    run.kept = kept;
    run.type = type;
  }

  #readUnexpected(run: ScrapeParse): void {
    const { page } = run;
    while (page[run.at] === SPACE || page[run.at] === TAB) run.at++;
    run.budget -= COST_LOOKUP;
    if (page[run.at] === NEWLINE) run.at++;
    else if (page[run.at] === HASH) this.#readComment(run);
    else this.#readSample(run);
  }

  #readComment(run: ScrapeParse): void {
    const { page, at } = run;
    const end = page.indexOf(NEWLINE, at);
    if (end - at > MAX_COMMENT_BYTES) return run.skipBroken('too_long');
    const text = page.toString('utf8', at, end);
    if (!isUtf8(page.subarray(at, end)) && isMetadata(text)) return run.skipBroken('not_utf8');
    run.budget -= (end - at) / BYTES_PER_COST;
    const meaning = typeOf(text);
    const number = this.#lines.learn(page, at, end, meaning);
    if (meaning !== COMMENT) run.type = meaning;
    this.#metadata.readComment(text);
    run.at = end + 1;
    this.#stray(run, number);
  }

  #readSample(run: ScrapeParse): void {
    const { page, tail } = run;
    const from = run.at;
    const to = seriesEnd(page, from);
    if (to < 0) return run.skipBroken(faultOfEnd(to));
    const value = tail.read(page, to);
    if (tail.end < 0) return run.skipBroken(tail.fault);
    run.budget -= (to - from) / BYTES_PER_COST;
    let number = this.#lines.numberOf(page, from, to);
    let meaning = number < 0 ? FORGOTTEN : this.#lines.meaning[number];
    if (meaning === FORGOTTEN && run.overLimit) return this.#countSample(run, from, to);
    if (meaning === FORGOTTEN) {
      // Counted first, as in Prometheus: a label limit that this line exceeds fails the scrape with the line among those read.
      run.scraped++;
      const learned = this.#learn(run, from, to);
      run.scraped--;
      if (typeof learned === 'string') return run.skipBroken(learned);
      meaning = learned;
      number = this.#lines.learn(page, from, to, meaning);
    }
    run.at = tail.end;
    run.scraped++;
    this.#stray(run, number);
    if (meaning >= 0) this.#store(run, from, meaning, value);
  }

  /** What a text never met means. */
  #learn(run: ScrapeParse, from: number, to: number): number | LineFault {
    const labels = this.#labelsOf(run, from, to);
    if (typeof labels === 'string') return labels;
    if (labels === undefined) return DROPPED;
    // Two samples of one series and time would have a receiver refuse all that come with them.
    if (this.#isReport(labels)) return 'duplicate';
    const known = this.#slots.count;
    const slot = this.#slots.indexOf(labels);
    if (slot >= known && run.kept < this.#sampleLimit) run.added++;
    return slot;
  }

  #labelsOf(run: ScrapeParse, from: number, to: number): Labels | LineFault | undefined {
    run.budget -= COST_NEW_SERIES;
    const flat = parseSeriesText(run.page, from, to, run.intern);
    if (typeof flat === 'string') return flat;
    run.budget -= flat.length * COST_LABEL_PART;
    if (run.type === TYPE_HISTOGRAM) makeCanonical(flat, 'le');
    else if (run.type === TYPE_SUMMARY) makeCanonical(flat, 'quantile');
    return buildLabels(flat, this.#options.rules);
  }

  /** Counts a line of a page that exceeds the limit of samples, so that the figures about the scrape tell by how much. */
  #countSample(run: ScrapeParse, from: number, to: number): void {
    const relabels = !this.#options.rules.metricRelabel.isEmpty && run.relabeledOver < MAX_RELABELED;
    if (relabels) run.relabeledOver++;
    const labels = relabels ? this.#labelsOf(run, from, to) : Labels.EMPTY;
    run.at = run.tail.end;
    run.scraped++;
    if (typeof labels === 'object') run.kept++;
  }

  #isReport(labels: Labels): boolean {
    return this.#options.report.some((series) => sameLabels(series.labels, labels));
  }

  #store(run: ScrapeParse, from: number, slot: number, value: number): void {
    const slots = this.#slots;
    const { tail } = run;
    if (slots.seen[slot] === this.#scrape) return run.count('duplicate', from, tail.end - 1);
    const own = this.#options.honorTimestamps && !Number.isNaN(tail.timestamp);
    slots.seen[slot] = this.#scrape;
    slots.values[slot] = value;
    slots.timestamps[slot] = own ? tail.timestamp : run.time;
    slots.explicit[slot] = own ? 1 : 0;
    run.kept++;
    if (tail.exemplar >= 0) this.#readExemplar(run, tail.exemplar, slots.seriesAt(slot));
  }

  /** An exemplar stays on the page until the next one comes: it is passed on once. */
  #readExemplar(run: ScrapeParse, from: number, series: Series): void {
    const to = run.tail.end - 1;
    if (run.format !== 'openmetrics') return run.count('exemplar', from, to);
    const text = run.page.toString('latin1', from, to);
    if (this.#lastExemplars.get(series) === text) return;
    this.#lastExemplars.set(series, text);
    const exemplar = parseExemplar(run.page, from, to);
    if (exemplar === undefined) run.count('exemplar', from, to);
    else run.exemplars.push({ series, ...exemplar });
  }

  /** Notes a line that was not expected, and expects next what followed it on the last page. */
  #stray(run: ScrapeParse, number: number): void {
    const lines = this.#lines;
    if (run.cursor < lines.length && lines.order[run.cursor] === number) {
      run.cursor++;
    } else {
      const place = lines.placeOf(number);
      if (place >= 0) run.cursor = place + 1;
    }
    run.stray(number);
  }

  #tidy(moved: Int32Array | undefined): void {
    if (moved !== undefined) this.#lines.follow(moved);
    this.#lines.tidy();
  }
}

function typeOf(comment: string): number {
  const type = /^#[ \t]+TYPE[ \t]+\S+[ \t]+(\S+)/.exec(comment)?.[1];
  if (type === undefined) return COMMENT;
  if (type === 'histogram') return TYPE_HISTOGRAM;
  return type === 'summary' ? TYPE_SUMMARY : TYPE_OTHER;
}

function makeCanonical(flat: string[], name: string): void {
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) flat[i + 1] = canonicalFloat(flat[i + 1]);
}
