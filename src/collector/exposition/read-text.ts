import { Labels } from '../../model/labels.ts';
import type { MetricMetadata, SampleBatch, Series, SeriesExemplar } from '../../model/sample.ts';
import { MAX_COMMENT_BYTES, MetadataTable } from './comment.ts';
import { parseExemplar } from './exemplar.ts';
import { canonicalFloat } from './float.ts';
import type { Format } from './format.ts';
import { faultOfEnd, parseSeriesText, type SeriesFault, seriesEnd } from './series-text.ts';
import { TailReader, type TailFault } from './tail.ts';
import { importLinesBroken } from '../metrics.ts';

const NEWLINE = 10;
const HASH = 35;
const SHOWN_BYTES = 120;

/** Samples, or bytes of text, of one batch: about 10 ms of reading, after which the receiver may let others have a turn. */
const BATCH = 10_000;
const BATCH_BYTES = 2 * 1024 * 1024;

/** Bytes between two moments at which the caller may let others have a turn. */
const BYTES_BETWEEN_LOOKS = 64 * 1024;

/** Broken lines that are kept with their words; the others are only counted. */
const FAULTS_KEPT = 20;

/** Series texts whose labels are kept for the next line that has them. */
const KNOWN_TEXTS = 100_000;

/** One line that was left out. */
export interface BrokenLine {
  /** 1 is the first. */
  readonly line: number;
  readonly fault: SeriesFault | TailFault | 'exemplar';
  readonly text: string;
}

/**
 * A text of samples with their times, many to a series: an export or a history, and not the page of one scrape. A series may
 * stand in a batch more than once, its samples in the order of the text.
 */
export class TextReader {
  readonly #page: Buffer;
  readonly #now: number;
  readonly #tail: TailReader;
  readonly #openMetrics: boolean;
  readonly #metadata = new MetadataTable();
  readonly #known = new Map<string, Series>();
  /** Families that a TYPE line has named as histogram or summary: the label whose number is brought into one form. */
  readonly #numberLabel = new Map<string, string>();
  #exemplars: SeriesExemplar[] = [];
  #line = 0;
  samples = 0;
  broken = 0;
  readonly brokenLines: BrokenLine[] = [];

  /** `now`: the time, in milliseconds, of samples that have none of their own. */
  constructor(text: Buffer, format: Format, now: number) {
    this.#page = text.at(-1) === NEWLINE ? text : Buffer.concat([text, Buffer.from('\n')]);
    this.#tail = new TailReader(format);
    this.#openMetrics = format === 'openmetrics';
    this.#now = now;
  }

  /** Reads on at each call, and yields undefined where only time has passed. Broken lines are left out and counted. */
  *batches(): Generator<SampleBatch | undefined> {
    const page = this.#page;
    let series: Series[] = [];
    let values: number[] = [];
    let timestamps: number[] = [];
    for (let at = 0, began = 0, looked = 0; at < page.length;) {
      this.#line++;
      if (at - looked >= BYTES_BETWEEN_LOOKS) {
        looked = at;
        yield undefined;
      }
      const end = page.indexOf(NEWLINE, at);
      const from = skipBlanks(page, at);
      at = end + 1;
      if (from === end) continue;
      if (page[from] === HASH) {
        if (end - from > MAX_COMMENT_BYTES) this.#refuse('too_long', from, end);
        else this.#readComment(page.toString('utf8', from, end));
        continue;
      }
      const found = this.#readSample(from, end);
      if (found === undefined) continue;
      series.push(found.series);
      values.push(found.value);
      timestamps.push(found.timestamp);
      if (series.length < BATCH && at - began < BATCH_BYTES) continue;
      began = at;
      yield this.#batch(series, values, timestamps);
      [series, values, timestamps] = [[], [], []];
    }
    if (series.length > 0) yield this.#batch(series, values, timestamps);
  }

  /** What the text has said about its metrics so far. */
  metadata(): readonly MetricMetadata[] {
    return this.#metadata.takeChanged();
  }

  #batch(series: readonly Series[], values: readonly number[], timestamps: readonly number[]): SampleBatch {
    const exemplars = this.#exemplars;
    this.#exemplars = [];
    this.samples += series.length;
    const columns = { values: Float64Array.from(values), timestamps: Float64Array.from(timestamps) };
    return { layout: { series }, ...columns, ...(exemplars.length === 0 ? {} : { exemplars }) };
  }

  #readComment(text: string): void {
    this.#metadata.readComment(text);
    const [, metric, type] = /^#[ \t]+TYPE[ \t]+(\S+)[ \t]+(histogram|summary)\b/.exec(text) ?? [];
    if (metric !== undefined) this.#numberLabel.set(metric, type === 'histogram' ? 'le' : 'quantile');
  }

  #readSample(from: number, end: number): { series: Series; value: number; timestamp: number } | undefined {
    const tail = this.#tail;
    const to = seriesEnd(this.#page, from);
    if (to < 0) return this.#refuse(faultOfEnd(to), from, end);
    const value = tail.read(this.#page, to);
    if (tail.end < 0) return this.#refuse(tail.fault, from, end);
    const series = this.#seriesOf(from, to);
    if (typeof series === 'string') return this.#refuse(series, from, end);
    if (tail.exemplar >= 0) {
      const exemplar = this.#openMetrics ? parseExemplar(this.#page, tail.exemplar, end) : undefined;
      if (exemplar === undefined) this.#refuse('exemplar', from, end);
      else this.#exemplars.push({ series, ...exemplar });
    }
    return { series, value, timestamp: Number.isNaN(tail.timestamp) ? this.#now : tail.timestamp };
  }

  #seriesOf(from: number, to: number): Series | SeriesFault {
    const text = this.#page.toString('latin1', from, to);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const flat = parseSeriesText(this.#page, from, to, (part) => part);
    if (typeof flat === 'string') return flat;
    const pairs = flat.flatMap((part, i): [string, string][] => (i % 2 === 0 ? [[part, flat[i + 1]]] : []));
    const numberLabel = this.#numberLabel.get(flat[1].replace(/_bucket$/, ''));
    const series = {
      labels: Labels.of(pairs.map(([name, value]) => [name, name === numberLabel ? canonicalFloat(value) : value])),
    };
    if (this.#known.size >= KNOWN_TEXTS) this.#known.clear();
    this.#known.set(text, series);
    return series;
  }

  #refuse(fault: BrokenLine['fault'], from: number, end: number): undefined {
    this.broken++;
    importLinesBroken.inc({ reason: fault });
    if (this.brokenLines.length >= FAULTS_KEPT) return;
    const shown = this.#page.toString('utf8', from, Math.min(end, from + SHOWN_BYTES));
    this.brokenLines.push({ line: this.#line, fault, text: end - from > SHOWN_BYTES ? `${shown}…` : shown });
  }
}

function skipBlanks(page: Buffer, from: number): number {
  let q = from;
  while (page[q] === 32 || page[q] === 9) q++;
  return q;
}
