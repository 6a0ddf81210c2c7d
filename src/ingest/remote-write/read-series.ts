import type protobuf from 'protobufjs/minimal.js';
import { Labels } from '../../model/labels.ts';
import { METRIC_TYPES, type MetricMetadata, type Series, type SeriesExemplar } from '../../model/sample.ts';
import { DecodeError } from '../../lib/decode-error.ts';
import { eachFieldOfMessage, readPacked } from '../../lib/protobuf/read-fields.ts';
import { type DecodedHistogram, readHistogram } from './read-histogram.ts';

type Reader = protobuf.Reader;

export interface DecodedSeries extends Series {
  readonly floats: {
    readonly low: number;
    readonly high: number;
    readonly timestamp: number;
    readonly start: number;
  }[];
  readonly histograms: DecodedHistogram[];
}

/** A TimeSeries: labels inline (`symbols` undefined, version 1) or by reference (version 2). */
export function readSeries(
  reader: Reader,
  exemplars: SeriesExemplar[],
  symbols: readonly string[] | undefined,
  metadata: MetricMetadata[],
): DecodedSeries {
  const pairs: [string, string][] = [];
  const refs: number[] = [];
  const floats: DecodedSeries['floats'] = [];
  const histograms: DecodedSeries['histograms'] = [];
  const found: Omit<SeriesExemplar, 'series'>[] = [];
  let described: Omit<MetricMetadata, 'metric'> | undefined;
  const [exemplarField, histogramField] = symbols === undefined ? [3, 4] : [4, 3];
  eachFieldOfMessage(reader, (field, wire) => {
    if (field === 1 && symbols === undefined) pairs.push(readLabel(reader));
    else if (field === 1) readPacked(reader, wire, refs);
    else if (field === 2) floats.push(readSample(reader));
    else if (field === exemplarField) found.push(readExemplar(reader, symbols));
    else if (field === histogramField) histograms.push(readHistogram(reader));
    else if (field === 5 && symbols !== undefined) described = readMetadataV2(reader, symbols);
    else return false;
    return true;
  });
  const labels = labelsOf(symbols === undefined ? pairs : resolve(refs, symbols));
  const series: DecodedSeries = { labels, floats, histograms };
  for (const exemplar of found) exemplars.push({ series, ...exemplar });
  if (described !== undefined) metadata.push({ metric: labels.get('__name__'), ...described });
  return series;
}

/** Labels must be unique and named (specification, "Labels"); order and empty values are put right. */
export function labelsOf(pairs: readonly (readonly [string, string])[]): Labels {
  const names = new Set(pairs.map(([name]) => name));
  if (names.size !== pairs.length || names.has('')) {
    throw new DecodeError(
      400,
      `invalid labels: a name is empty or stands twice in {${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`,
    );
  }
  const labels = Labels.of(pairs);
  if (!labels.has('__name__')) throw new DecodeError(400, `invalid labels: no metric name in ${labels.toString()}`);
  return labels;
}

function resolve(refs: readonly number[], symbols: readonly string[]): [string, string][] {
  if (refs.length % 2 !== 0) throw new DecodeError(400, `a series has ${refs.length} label references, which is odd`);
  const outside = refs.find((ref) => ref >= symbols.length);
  if (outside !== undefined)
    throw new DecodeError(400, `label reference ${outside} is outside the table of ${symbols.length} symbols`);
  return Array.from({ length: refs.length / 2 }, (_, i) => [symbols[refs[2 * i]], symbols[refs[2 * i + 1]]]);
}

export function readLabel(reader: Reader): [string, string] {
  let name = '';
  let value = '';
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) name = reader.string();
    else if (field === 2) value = reader.string();
    else return false;
    return true;
  });
  return [name, value];
}

/** The value by its words, for a staleness marker must arrive bit for bit. */
function readSample(reader: Reader): DecodedSeries['floats'][number] {
  let low = 0;
  let high = 0;
  let timestamp = 0;
  let start = 0;
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) {
      low = reader.fixed32();
      high = reader.fixed32();
    } else if (field === 2) timestamp = Number(reader.int64());
    else if (field === 3) start = Number(reader.int64());
    else return false;
    return true;
  });
  return { low, high, timestamp, start };
}

function readExemplar(reader: Reader, symbols: readonly string[] | undefined): Omit<SeriesExemplar, 'series'> {
  const pairs: [string, string][] = [];
  const refs: number[] = [];
  let value = 0;
  let timestamp = 0;
  eachFieldOfMessage(reader, (field, wire) => {
    if (field === 1 && symbols === undefined) pairs.push(readLabel(reader));
    else if (field === 1) readPacked(reader, wire, refs);
    else if (field === 2) value = reader.double();
    else if (field === 3) timestamp = Number(reader.int64());
    else return false;
    return true;
  });
  return { labels: Labels.of(symbols === undefined ? pairs : resolve(refs, symbols)), value, timestamp };
}

export function readMetadataV1(reader: Reader): MetricMetadata {
  const entry = { metric: '', type: METRIC_TYPES[0], unit: '', help: '' };
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) entry.type = METRIC_TYPES[reader.int32()] ?? 'unknown';
    else if (field === 2) entry.metric = reader.string();
    else if (field === 4) entry.help = reader.string();
    else if (field === 5) entry.unit = reader.string();
    else return false;
    return true;
  });
  return entry;
}

function readMetadataV2(reader: Reader, symbols: readonly string[]): Omit<MetricMetadata, 'metric'> {
  const entry = { type: METRIC_TYPES[0], unit: '', help: '' };
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) entry.type = METRIC_TYPES[reader.int32()] ?? 'unknown';
    else if (field === 3) entry.help = symbols[reader.uint32()] ?? '';
    else if (field === 4) entry.unit = symbols[reader.uint32()] ?? '';
    else return false;
    return true;
  });
  return entry;
}
