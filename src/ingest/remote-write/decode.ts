import protobuf from 'protobufjs/minimal.js';
import type { MetricMetadata, SampleBatch } from '../../model/sample.ts';
import { DecodeError } from '../../lib/http/decode-error.ts';
import { eachField } from '../../lib/protobuf/read-fields.ts';
import { uncompress } from '../../lib/snappy-block.ts';
import { TimeSlice } from '../../lib/time/time-slice.ts';
import { mediaType } from '../body.ts';
import { DecodeBudget } from '../decode-budget.ts';
import { KnownSeries, UnfitLabels } from './known-series.ts';
import { type Pair, labelsOf, readLabel, readText } from './read-labels.ts';
import { readMetadataV1 } from './read-metadata.ts';
import { ReadSeries } from './read-series.ts';
import { Refusals } from './refusals.ts';

export interface DecodedWrite {
  readonly version: 1 | 2;
  /** In order they keep each series' order. */
  readonly batches: readonly SampleBatch[];
  readonly exemplars: number;
  /** Samples that came as histograms, and are staleness markers in the batches. */
  readonly staleHistograms: number;
  readonly metadata: readonly MetricMetadata[];
  /** What of the request is in none of the batches, and why. */
  readonly refusals: Refusals;
}

/**
 * Reads a remote-write request, version 1.0 or 2.0 by its content type, in time slices; with `known`, series of earlier
 * requests cheaply. A series or histogram that is not valid is left out alone.
 * Source: Prometheus remote write specifications 1.0 and 2.0; prompb/types.proto and io/prometheus/write/v2/types.proto.
 * @throws {DecodeError} for a body that is not a request as a whole.
 */
export async function decodeWriteRequest(
  body: Buffer,
  contentType: string,
  contentEncoding: string,
  known?: KnownSeries,
): Promise<DecodedWrite> {
  const version = versionOf(contentType);
  // A sender that says nothing sends snappy, as all do.
  if (!['', 'snappy'].includes(contentEncoding.toLowerCase())) {
    throw new DecodeError(415, `content encoding ${contentEncoding} is not supported; expected snappy`);
  }
  const message = await uncompress(body);
  try {
    if (version === 2) return await decodeV2(message);
    const batch = known && (await readKnown(known, message));
    return batch === undefined ? await decodeV1(message) : plainWrite(batch);
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw new DecodeError(400, `the body is not a WriteRequest: ${(error as Error).message}`);
  }
}

/** What a receiver keeps from request to request, for {@link decodeWriteRequest}. */
export function createKnownSeries(): KnownSeries {
  return new KnownSeries((message, start, end) => {
    const reader = protobuf.Reader.create(message.subarray(start, end));
    const pairs: Pair[] = [];
    eachField(reader, reader.len, () => pairs.push(readLabel(reader)) > 0);
    const labels = labelsOf(pairs);
    if ('refused' in labels) throw new UnfitLabels(labels.refused);
    return labels;
  });
}

/** Returns undefined for a request that has to be read in full. */
async function readKnown(known: KnownSeries, message: Buffer): Promise<SampleBatch | undefined> {
  try {
    return await known.read(message);
  } catch (error) {
    if (error instanceof UnfitLabels) return undefined;
    throw error;
  }
}

function plainWrite(batch: SampleBatch): DecodedWrite {
  return {
    version: 1,
    batches: [batch],
    exemplars: 0,
    staleHistograms: 0,
    metadata: [],
    refusals: new Refusals(),
  };
}

function versionOf(contentType: string): 1 | 2 {
  const [type, ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const proto = parameters.find((parameter) => parameter.startsWith('proto='))?.slice('proto='.length);
  if (mediaType(type) === '') return 1;
  if (type === 'application/x-protobuf') {
    if (proto === undefined || proto === 'prometheus.writerequest') return 1;
    if (proto === 'io.prometheus.write.v2.request') return 2;
  }
  throw new DecodeError(
    415,
    `content type ${JSON.stringify(contentType)} is not supported; expected application/x-protobuf`,
  );
}

async function decodeV1(message: Buffer): Promise<DecodedWrite> {
  const budget = new DecodeBudget();
  const refusals = new Refusals();
  const reader = protobuf.Reader.create(message);
  const read = new ReadSeries(reader, refusals, budget);
  await new TimeSlice().finish(
    eachPart(reader, function* (field) {
      if (field === 1) yield* read.read();
      else if (field === 3) {
        budget.spend(4);
        const entry = readMetadataV1(reader);
        if (entry !== undefined) read.metadata.push(entry);
      } else return false;
      return true;
    }),
  );
  return writeOf(1, read, refusals);
}

async function decodeV2(message: Buffer): Promise<DecodedWrite> {
  const slice = new TimeSlice();
  const budget = new DecodeBudget();
  const symbols: (string | undefined)[] = [];
  const first = protobuf.Reader.create(message);
  // Symbols may stand behind the series that refer to them.
  await slice.finish(
    eachPart(first, (field) => {
      if (field !== 4) return false;
      budget.spend(1);
      symbols.push(readText(first));
      return true;
    }),
  );
  const refusals = new Refusals();
  const reader = protobuf.Reader.create(message);
  const read = new ReadSeries(reader, refusals, budget, symbols);
  await slice.finish(
    eachPart(reader, function* (field) {
      if (field !== 5) return false;
      yield* read.read();
      return true;
    }),
  );
  return writeOf(2, read, refusals);
}

/** Fields between two looks at the clock. */
const FIELDS_BETWEEN_LOOKS = 64;

/** Reads each field of a message, or skips it where `read` returns false; yields in between. */
function* eachPart(
  reader: protobuf.Reader,
  read: (field: number) => boolean | Generator<undefined, boolean>,
): Generator<undefined, void> {
  for (let parts = 1; reader.pos < reader.len; parts++) {
    const tag = reader.uint32();
    const reading = read(tag >>> 3);
    const known = typeof reading === 'boolean' ? reading : yield* reading;
    if (!known) reader.skipType(tag & 7);
    if (parts % FIELDS_BETWEEN_LOOKS === 0) yield;
  }
}

function writeOf(version: 1 | 2, read: ReadSeries, refusals: Refusals): DecodedWrite {
  const batches = [...read.floats.take(), ...read.histograms.take(), ...read.mixed.take()];
  const { exemplars, metadata, staleHistograms } = read;
  // With the last batch, so that their series are known by then.
  if (exemplars.length > 0) batches.push({ ...(batches.pop() ?? EMPTY), exemplars });
  return { version, batches, exemplars: exemplars.length, staleHistograms, metadata, refusals };
}

const EMPTY: SampleBatch = { layout: { series: [] }, values: new Float64Array(0), timestamps: new Float64Array(0) };
