import protobuf from 'protobufjs/minimal.js';
import snappy from 'snappy';
import { Labels } from '../model/labels.ts';
import type { FloatHistogram, MetricMetadata, SampleBatch, Series, SeriesExemplar, Span } from '../model/sample.ts';
import { METRIC_TYPES, RESET_HINTS } from './encode-message.ts';
import { KnownSeries } from './known-series.ts';

type Reader = protobuf.Reader;

export interface DecodedWrite {
  readonly version: 1 | 2;
  /** Batch `k` holds the `k`-th sample of each series that has so many: in order they keep each series' order. */
  readonly batches: readonly SampleBatch[];
  readonly metadata: readonly MetricMetadata[];
  /** What the answer's `X-Prometheus-Remote-Write-…-Written` headers count when all is accepted. */
  readonly counts: { readonly samples: number; readonly histograms: number; readonly exemplars: number };
}

/** A request body that cannot be read; `status` is the HTTP answer it deserves. */
export class DecodeError extends Error {
  readonly status: 400 | 413 | 415;

  constructor(status: DecodeError['status'], message: string) {
    super(message);
    this.name = 'DecodeError';
    this.status = status;
  }
}

/** Receivers accept at most this many bytes of decompressed body. */
const MAX_DECODED = 32 * 1024 * 1024;

/**
 * Reads a remote-write request, version 1.0 or 2.0 by its content type; with `known`, series of earlier requests cheaply.
 * Source: Prometheus remote write specifications 1.0 and 2.0; prompb/types.proto and io/prometheus/write/v2/types.proto.
 * @throws {DecodeError}
 */
export async function decodeWriteRequest(
  body: Buffer,
  contentType: string,
  contentEncoding: string,
  known?: KnownSeries,
): Promise<DecodedWrite> {
  const version = versionOf(contentType);
  if (contentEncoding.toLowerCase() !== 'snappy') {
    throw new DecodeError(415, `content encoding ${contentEncoding || 'none'} is not supported; expected snappy`);
  }
  const message = await uncompress(body);
  try {
    if (version === 2) return decodeV2(message);
    const batch = known?.read(message);
    return batch === undefined ? decodeV1(message) : plainWrite(batch);
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw new DecodeError(400, `the body is not a WriteRequest: ${(error as Error).message}`);
  }
}

/** What a receiver keeps from request to request, for {@link decodeWriteRequest}. */
export function createKnownSeries(): KnownSeries {
  return new KnownSeries((message, start, end) => {
    const reader = protobuf.Reader.create(message.subarray(start, end));
    const pairs: [string, string][] = [];
    eachField(reader, reader.len, () => pairs.push(readLabel(reader)) > 0);
    return labelsOf(pairs);
  });
}

function plainWrite(batch: SampleBatch): DecodedWrite {
  return {
    version: 1,
    batches: [batch],
    metadata: [],
    counts: { samples: batch.values.length, histograms: 0, exemplars: 0 },
  };
}

function versionOf(contentType: string): 1 | 2 {
  const [type, ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const proto = parameters.find((parameter) => parameter.startsWith('proto='))?.slice('proto='.length);
  if (type === 'application/x-protobuf') {
    if (proto === undefined || proto === 'prometheus.writerequest') return 1;
    if (proto === 'io.prometheus.write.v2.request') return 2;
  }
  throw new DecodeError(
    415,
    `content type ${JSON.stringify(contentType)} is not supported; expected application/x-protobuf`,
  );
}

/** The length stands in front of a snappy block: a bomb is refused before it unfolds. */
export async function uncompress(body: Buffer): Promise<Buffer> {
  let length = 0;
  for (let i = 0, shift = 1; ; i++, shift *= 128) {
    if (i >= body.length || i > 4) throw new DecodeError(400, 'the body is not a snappy block');
    length += (body[i] & 127) * shift;
    if (body[i] < 128) break;
  }
  if (length > MAX_DECODED)
    throw new DecodeError(413, `the body unfolds to ${length} bytes; at most ${MAX_DECODED} are taken`);
  try {
    return (await snappy.uncompress(body, { asBuffer: true })) as Buffer;
  } catch {
    throw new DecodeError(400, 'the body is not a snappy block');
  }
}

interface DecodedSeries extends Series {
  readonly floats: { readonly low: number; readonly high: number; readonly timestamp: number }[];
  readonly histograms: { readonly histogram: FloatHistogram; readonly timestamp: number }[];
}

function decodeV1(message: Buffer): DecodedWrite {
  const reader = protobuf.Reader.create(message);
  const series: DecodedSeries[] = [];
  const exemplars: SeriesExemplar[] = [];
  const metadata: MetricMetadata[] = [];
  eachField(reader, reader.len, (field) => {
    if (field === 1) series.push(readSeries(reader, exemplars, undefined, metadata));
    else if (field === 3) metadata.push(readMetadataV1(reader));
    else return false;
    return true;
  });
  return assemble(1, series, exemplars, metadata);
}

function decodeV2(message: Buffer): DecodedWrite {
  const symbols: string[] = [];
  const first = protobuf.Reader.create(message);
  // Symbols may stand behind the series that refer to them.
  eachField(first, first.len, (field) => {
    if (field !== 4) return false;
    symbols.push(first.string());
    return true;
  });
  const reader = protobuf.Reader.create(message);
  const series: DecodedSeries[] = [];
  const exemplars: SeriesExemplar[] = [];
  const metadata: MetricMetadata[] = [];
  eachField(reader, reader.len, (field) => {
    if (field !== 5) return false;
    series.push(readSeries(reader, exemplars, symbols, metadata));
    return true;
  });
  return assemble(2, series, exemplars, metadata);
}

const LENGTH_DELIMITED = 2;

/** Calls back for each field with its number; what the callback does not read is skipped. */
export function eachField(reader: Reader, end: number, read: (field: number, wire: number) => boolean): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (!read(tag >>> 3, tag & 7)) reader.skipType(tag & 7);
  }
}

export function eachFieldOfMessage(reader: Reader, read: (field: number, wire: number) => boolean): void {
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new DecodeError(400, 'the body ends in the middle of a message');
  eachField(reader, end, read);
}

/** A TimeSeries: labels inline (`symbols` undefined, version 1) or by reference (version 2). */
function readSeries(
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
function labelsOf(pairs: readonly (readonly [string, string])[]): Labels {
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

function readLabel(reader: Reader): [string, string] {
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
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) {
      low = reader.fixed32();
      high = reader.fixed32();
    } else if (field === 2) timestamp = Number(reader.int64());
    else return false;
    return true;
  });
  return { low, high, timestamp };
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

function readMetadataV1(reader: Reader): MetricMetadata {
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

/** Integer histograms come with deltas between buckets, float ones with counts; both become counts. */
function readHistogram(reader: Reader): DecodedSeries['histograms'][number] {
  let timestamp = 0;
  let hint = 0;
  const scalar = { schema: 0, zeroThreshold: 0, zeroCount: 0, count: 0, sum: 0 };
  const spans = { negative: [] as Span[], positive: [] as Span[] };
  const deltas = { negative: [] as number[], positive: [] as number[] };
  const counts = { negative: [] as number[], positive: [] as number[] };
  const customValues: number[] = [];
  eachFieldOfMessage(reader, (field, wire) => {
    switch (field) {
      case 1: scalar.count = Number(reader.uint64()); return true; // prettier-ignore
      case 2: scalar.count = reader.double(); return true; // prettier-ignore
      case 3: scalar.sum = reader.double(); return true; // prettier-ignore
      case 4: scalar.schema = reader.sint32(); return true; // prettier-ignore
      case 5: scalar.zeroThreshold = reader.double(); return true; // prettier-ignore
      case 6: scalar.zeroCount = Number(reader.uint64()); return true; // prettier-ignore
      case 7: scalar.zeroCount = reader.double(); return true; // prettier-ignore
      case 8: spans.negative.push(readSpan(reader)); return true; // prettier-ignore
      case 9: readList(reader, wire, deltas.negative, () => Number(reader.sint64())); return true; // prettier-ignore
      case 10: readList(reader, wire, counts.negative, () => reader.double()); return true; // prettier-ignore
      case 11: spans.positive.push(readSpan(reader)); return true; // prettier-ignore
      case 12: readList(reader, wire, deltas.positive, () => Number(reader.sint64())); return true; // prettier-ignore
      case 13: readList(reader, wire, counts.positive, () => reader.double()); return true; // prettier-ignore
      case 14: hint = reader.int32(); return true; // prettier-ignore
      case 15: timestamp = Number(reader.int64()); return true; // prettier-ignore
      case 16: readList(reader, wire, customValues, () => reader.double()); return true; // prettier-ignore
      default: return false; // prettier-ignore
    }
  });
  const histogram: FloatHistogram = {
    ...scalar,
    counterReset: RESET_HINTS[hint] ?? 'unknown',
    negativeSpans: spans.negative,
    negativeBuckets: counts.negative.length > 0 ? counts.negative : runningSum(deltas.negative),
    positiveSpans: spans.positive,
    positiveBuckets: counts.positive.length > 0 ? counts.positive : runningSum(deltas.positive),
    customValues,
  };
  return { histogram, timestamp };
}

function readSpan(reader: Reader): Span {
  const span = { offset: 0, length: 0 };
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) span.offset = reader.sint32();
    else if (field === 2) span.length = reader.uint32();
    else return false;
    return true;
  });
  return span;
}

function readPacked(reader: Reader, wire: number, into: number[]): void {
  readList(reader, wire, into, () => reader.uint32());
}

/** A repeated number, packed or one by one. */
export function readList(reader: Reader, wire: number, into: number[], read: () => number): void {
  if (wire !== LENGTH_DELIMITED) {
    into.push(read());
    return;
  }
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new DecodeError(400, 'the body ends in the middle of a list');
  while (reader.pos < end) into.push(read());
}

function runningSum(deltas: readonly number[]): number[] {
  let sum = 0;
  return deltas.map((delta) => (sum += delta));
}

function assemble(
  version: 1 | 2,
  all: readonly DecodedSeries[],
  exemplars: readonly SeriesExemplar[],
  metadata: readonly MetricMetadata[],
): DecodedWrite {
  const depth = all.reduce((most, { floats, histograms }) => Math.max(most, floats.length, histograms.length), 0);
  const batches: SampleBatch[] = [];
  for (let k = 0; k < depth; k++) {
    batches.push(
      ...floatBatch(
        all.filter(({ floats }) => floats.length > k),
        k,
      ),
    );
    batches.push(
      ...histogramBatch(
        all.filter(({ histograms }) => histograms.length > k),
        k,
      ),
    );
  }
  if (exemplars.length > 0) {
    const empty = { layout: { series: [] }, values: new Float64Array(0), timestamps: new Float64Array(0) };
    const last = batches.pop() ?? empty;
    batches.push({ ...last, exemplars });
  }
  const counts = {
    samples: all.reduce((sum, { floats }) => sum + floats.length, 0),
    histograms: all.reduce((sum, { histograms }) => sum + histograms.length, 0),
    exemplars: exemplars.length,
  };
  return { version, batches, metadata, counts };
}

function floatBatch(series: readonly DecodedSeries[], k: number): SampleBatch[] {
  if (series.length === 0) return [];
  const values = new Float64Array(series.length);
  const words = new Uint32Array(values.buffer);
  series.forEach(({ floats }, i) => {
    words[2 * i] = floats[k].low;
    words[2 * i + 1] = floats[k].high;
  });
  return [{ layout: { series }, values, timestamps: Float64Array.from(series, ({ floats }) => floats[k].timestamp) }];
}

function histogramBatch(series: readonly DecodedSeries[], k: number): SampleBatch[] {
  if (series.length === 0) return [];
  return [
    {
      layout: { series },
      values: new Float64Array(series.length).fill(Number.NaN),
      timestamps: Float64Array.from(series, ({ histograms }) => histograms[k].timestamp),
      histograms: series.map(({ histograms }) => histograms[k].histogram),
    },
  ];
}
