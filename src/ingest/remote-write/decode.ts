import protobuf from 'protobufjs/minimal.js';
import type { MetricMetadata, SampleBatch, SeriesExemplar } from '../../model/sample.ts';
import { DecodeError } from '../../lib/decode-error.ts';
import { KnownSeries } from './known-series.ts';
import { eachField } from '../../lib/protobuf/read-fields.ts';
import { type DecodedSeries, labelsOf, readLabel, readMetadataV1, readSeries } from './read-series.ts';
import { uncompress } from '../../lib/snappy-block.ts';

export interface DecodedWrite {
  readonly version: 1 | 2;
  /** Batch `k` holds the `k`-th sample of each series that has so many: in order they keep each series' order. */
  readonly batches: readonly SampleBatch[];
  readonly metadata: readonly MetricMetadata[];
  /** What the answer's `X-Prometheus-Remote-Write-…-Written` headers count when all is accepted. */
  readonly counts: { readonly samples: number; readonly histograms: number; readonly exemplars: number };
}

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
  return [
    {
      layout: { series },
      values,
      timestamps: Float64Array.from(series, ({ floats }) => floats[k].timestamp),
      ...knownStarts(series.map(({ floats }) => floats[k].start)),
    },
  ];
}

function histogramBatch(series: readonly DecodedSeries[], k: number): SampleBatch[] {
  if (series.length === 0) return [];
  return [
    {
      layout: { series },
      values: new Float64Array(series.length).fill(Number.NaN),
      timestamps: Float64Array.from(series, ({ histograms }) => histograms[k].timestamp),
      histograms: series.map(({ histograms }) => histograms[k].histogram),
      ...knownStarts(series.map(({ histograms }) => histograms[k].start)),
    },
  ];
}

function knownStarts(starts: readonly number[]): Pick<SampleBatch, 'startTimestamps'> {
  return starts.some((start) => start !== 0) ? { startTimestamps: Float64Array.from(starts) } : {};
}
