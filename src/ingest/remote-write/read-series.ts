import type protobuf from 'protobufjs/minimal.js';
import { Labels } from '../../model/labels.ts';
import type { MetricMetadata, Series, SeriesExemplar } from '../../model/sample.ts';
import { STALE_HIGH, STALE_LOW } from '../../model/sample.ts';
import { storableHistogram } from '../../model/validate-histogram.ts';
import { eachFieldOfMessage, readPacked } from '../../lib/protobuf/read-fields.ts';
import type { DecodeBudget } from '../decode-budget.ts';
import { readHistogram } from './read-histogram.ts';
import { MAX_LABELS, type Pair, labelsOf, readLabel, resolve, textOf } from './read-labels.ts';
import { readMetadataV2 } from './read-metadata.ts';
import type { Refusals } from './refusals.ts';
import { SampleColumns } from './sample-columns.ts';

type Reader = protobuf.Reader;

/** Work that can be left and taken up again: yields after each small part of it. */
type Steps<T> = Generator<undefined, T>;

/** Parts of a series between two looks at the clock. */
const PARTS_BETWEEN_LOOKS = 256;

/** Bytes of a histogram: its buckets become numbers of eight bytes each. */
const MAX_HISTOGRAM = 256 * 1024;

/** What a request has been read to so far. */
export class ReadSeries {
  readonly floats = new SampleColumns();
  readonly histograms = new SampleColumns();
  /** Series that have both kinds, in the order of their times. */
  readonly mixed = new SampleColumns();
  readonly exemplars: SeriesExemplar[] = [];
  readonly metadata: MetricMetadata[] = [];
  /** Histograms that are staleness markers; they lie among the samples as the marker of a float. */
  staleHistograms = 0;
  readonly #reader: Reader;
  readonly #refusals: Refusals;
  readonly #budget: DecodeBudget;
  /** Version 2 refers to these; version 1 has labels inline. Undefined ones are not UTF-8. */
  readonly #symbols: readonly (string | undefined)[] | undefined;

  constructor(reader: Reader, refusals: Refusals, budget: DecodeBudget, symbols?: readonly (string | undefined)[]) {
    this.#reader = reader;
    this.#refusals = refusals;
    this.#budget = budget;
    this.#symbols = symbols;
  }

  /** Reads the TimeSeries message at the reader's place, and stands behind it then. */
  *read(): Steps<void> {
    const places = yield* this.#placesOf();
    const { end, samples, histograms } = places;
    const count = samples.length + histograms.length;
    const labels = this.#labelsOf(places);
    if (!(labels instanceof Labels)) this.#refusals.add(labels.reason, count, labels.refused);
    else if (count === 0 && this.#symbols !== undefined)
      this.#refusals.add('no_samples', 0, `TimeSeries must contain at least one sample or histogram for series ${textOf([...labels.entries()])}`); // prettier-ignore
    else yield* this.#readParts({ labels }, places);
    this.#reader.pos = end;
  }

  /** Samples may stand before the labels, so that a first pass only finds where each part lies. */
  *#placesOf(): Steps<Places> {
    const reader = this.#reader;
    const end = reader.uint32() + reader.pos;
    if (end > reader.len) throw new RangeError('the body ends in the middle of a series');
    const places: Places = {
      end,
      pairs: [],
      refs: [],
      labels: 0,
      samples: [],
      histograms: [],
      exemplars: [],
      metadata: -1,
    };
    const [exemplarField, histogramField] = this.#symbols === undefined ? [3, 4] : [4, 3];
    for (let parts = 1; reader.pos < end; parts++) {
      const tag = reader.uint32();
      const field = tag >>> 3;
      this.#budget.spend(field === exemplarField ? 4 : 1);
      if (field === 1) this.#readLabel(places, tag & 7);
      else {
        if (field === 2) places.samples.push(reader.pos);
        else if (field === histogramField) places.histograms.push(reader.pos);
        else if (field === exemplarField) places.exemplars.push(reader.pos);
        else if (field === 5 && this.#symbols !== undefined) places.metadata = reader.pos;
        reader.skipType(tag & 7);
      }
      if (parts % PARTS_BETWEEN_LOOKS === 0) yield;
    }
    return places;
  }

  #readLabel(places: Places, wire: number): void {
    if (this.#symbols !== undefined) return readPacked(this.#reader, wire, places.refs);
    places.labels++;
    if (places.labels > MAX_LABELS) this.#reader.skipType(wire);
    else places.pairs.push(readLabel(this.#reader));
  }

  #labelsOf({
    pairs,
    refs,
    labels,
  }: Places): Labels | { readonly refused: string; readonly reason: 'invalid_labels' | 'label_limit' } {
    const count = Math.max(labels, refs.length / 2);
    if (count > MAX_LABELS)
      return { refused: `a series has ${count} labels; at most ${MAX_LABELS} are taken`, reason: 'label_limit' };
    const found = this.#symbols === undefined ? pairs : resolve(refs, this.#symbols);
    const made = 'refused' in found ? found : labelsOf(found);
    return 'refused' in made ? { ...made, reason: 'invalid_labels' } : made;
  }

  *#readParts(series: Series, places: Places): Steps<void> {
    const { samples, histograms, exemplars, metadata } = places;
    if (samples.length > 0 && histograms.length > 0) yield* this.#readMixed(series, places);
    else {
      for (let i = 0; i < samples.length; i++) {
        this.#readSample(series, samples[i], this.floats);
        if (i % PARTS_BETWEEN_LOOKS === PARTS_BETWEEN_LOOKS - 1) yield;
      }
      for (const place of histograms) {
        this.#readHistogram(series, place, this.histograms);
        yield;
      }
    }
    for (const place of exemplars) {
      this.#readExemplar(series, place);
      yield;
    }
    if (metadata < 0 || this.#symbols === undefined) return;
    this.#reader.pos = metadata;
    const described = readMetadataV2(this.#reader, this.#symbols);
    if (described !== undefined) this.metadata.push({ metric: series.labels.get('__name__'), ...described });
  }

  /** Two lists that are each in order become one. */
  *#readMixed(series: Series, { samples, histograms }: Places): Steps<void> {
    let i = 0;
    let k = 0;
    for (let parts = 1; i < samples.length || k < histograms.length; parts++) {
      const first = i < samples.length ? this.#timeOf(samples[i], SAMPLE_TIME) : Infinity;
      const second = k < histograms.length ? this.#timeOf(histograms[k], HISTOGRAM_TIME) : Infinity;
      if (first <= second) this.#readSample(series, samples[i++], this.mixed);
      else this.#readHistogram(series, histograms[k++], this.mixed);
      if (parts % PARTS_BETWEEN_LOOKS === 0) yield;
    }
  }

  #timeOf(place: number, number: number): number {
    const reader = this.#reader;
    let time = 0;
    reader.pos = place;
    eachFieldOfMessage(reader, (field) => {
      if (field === number) time = Number(reader.int64());
      return field === number;
    });
    return time;
  }

  /** The value by its words, for a staleness marker must arrive bit for bit. */
  #readSample(series: Series, place: number, into: SampleColumns): void {
    const reader = this.#reader;
    let low = 0;
    let high = 0;
    const at = { timestamp: 0, start: 0 };
    reader.pos = place;
    eachFieldOfMessage(reader, (field) => {
      if (field === 1) {
        low = reader.fixed32();
        high = reader.fixed32();
      } else if (field === SAMPLE_TIME) at.timestamp = Number(reader.int64());
      else if (field === 3) at.start = Number(reader.int64());
      else return false;
      return true;
    });
    into.addFloat(series, at, low, high);
  }

  #readHistogram(series: Series, place: number, into: SampleColumns): void {
    const reader = this.#reader;
    reader.pos = place;
    const bytes = reader.uint32();
    const refuse = (why: string): void =>
      this.#refusals.add('invalid_histogram', 1, `${why} for series ${textOf([...series.labels.entries()])}`);
    if (bytes > MAX_HISTOGRAM) return refuse(`histogram of ${bytes} bytes; at most ${MAX_HISTOGRAM} are taken`);
    reader.pos = place;
    const { histogram, stale, counts, ...at } = readHistogram(reader);
    const storable = storableHistogram(histogram, counts);
    if ('refused' in storable) return refuse(storable.refused);
    if (stale) {
      this.staleHistograms++;
      return into.addFloat(series, at, STALE_LOW, STALE_HIGH);
    }
    into.addHistogram(series, at, storable);
  }

  #readExemplar(series: Series, place: number): void {
    const reader = this.#reader;
    const pairs: Pair[] = [];
    const refs: number[] = [];
    let value = 0;
    let timestamp = 0;
    reader.pos = place;
    eachFieldOfMessage(reader, (field, wire) => {
      if (field === 1 && this.#symbols === undefined) pairs.push(readLabel(reader));
      else if (field === 1) readPacked(reader, wire, refs);
      else if (field === 2) value = reader.double();
      else if (field === 3) timestamp = Number(reader.int64());
      else return false;
      return true;
    });
    const found = this.#symbols === undefined ? pairs : resolve(refs, this.#symbols);
    const labels = exemplarLabels('refused' in found ? [[undefined, undefined]] : found);
    if (labels === undefined)
      this.#refusals.add(
        'invalid_labels',
        1,
        `invalid labels of an exemplar of series ${textOf([...series.labels.entries()])}`,
      );
    else this.exemplars.push({ series, labels, value, timestamp });
  }
}

const SAMPLE_TIME = 2;
const HISTOGRAM_TIME = 15;

/** Where the parts of a series begin. */
interface Places {
  readonly end: number;
  readonly pairs: Pair[];
  readonly refs: number[];
  /** Of version 1, those that were not kept included. */
  labels: number;
  readonly samples: number[];
  readonly histograms: number[];
  readonly exemplars: number[];
  metadata: number;
}

function exemplarLabels(pairs: readonly Pair[]): Labels | undefined {
  const known: [string, string][] = [];
  for (const [name, value] of pairs) {
    if (name === undefined || value === undefined || name === '') return undefined;
    known.push([name, value]);
  }
  return Labels.of(known);
}
