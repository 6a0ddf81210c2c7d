import protobuf from 'protobufjs/minimal.js';
import { TimeSlice } from '../../lib/time/time-slice.ts';
import type { MatchOp, Matcher } from '../../model/matcher.ts';
import type { SeriesColumns } from '../../model/query.ts';
import { wordsOf } from '../../model/sample.ts';
import { DecodeError } from '../../lib/http/decode-error.ts';
import { eachField, eachFieldOfMessage } from '../../lib/protobuf/read-fields.ts';
import { writeHistogram, writeLabels } from '../../remote-write/encode-message.ts';
import { compress, uncompress } from '../../lib/snappy-block.ts';

type Reader = protobuf.Reader;

/** One question of a remote-read request; times in milliseconds, both inclusive. */
export interface ReadQuery {
  readonly matchers: readonly Matcher[];
  readonly start: number;
  readonly end: number;
}

const MATCH_OPS: readonly MatchOp[] = ['=', '!=', '=~', '!~'];

/** Types of answers, by their numbers in `ReadRequest.ResponseType`. */
const ANSWER_TYPES = ['samples', 'chunks'] as const;

export type ReadAnswerType = (typeof ANSWER_TYPES)[number];

export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  /** What the caller takes, the dearest to it first. */
  readonly accepted: readonly ReadAnswerType[];
}

/**
 * Reads a remote-read request. Source: prompb/remote.proto and prompb/types.proto.
 * @throws {DecodeError} also where the caller takes no type of answer that there is.
 */
export async function decodeReadRequest(body: Buffer): Promise<ReadRequest> {
  const message = await uncompress(body);
  const queries: ReadQuery[] = [];
  const types: number[] = [];
  try {
    const reader = protobuf.Reader.create(message);
    eachField(reader, reader.len, (field, wire) => {
      if (field === 1) queries.push(readQuery(reader));
      else if (field === 2) readTypes(reader, wire, types);
      else return false;
      return true;
    });
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw new DecodeError(400, `the body is not a ReadRequest: ${(error as Error).message}`);
  }
  const accepted = (types.length === 0 ? [0] : types).flatMap((type) => ANSWER_TYPES[type] ?? []);
  if (accepted.length === 0)
    throw new DecodeError(400, `server does not support any of the requested response types: ${types.join(', ')}`);
  return { queries, accepted };
}

function readTypes(reader: Reader, wire: number, into: number[]): void {
  if (wire !== 2) {
    into.push(reader.int32());
    return;
  }
  const end = reader.uint32() + reader.pos;
  while (reader.pos < end) into.push(reader.int32());
}

function readQuery(reader: Reader): ReadQuery {
  let start = 0;
  let end = 0;
  const matchers: Matcher[] = [];
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) start = Number(reader.int64());
    else if (field === 2) end = Number(reader.int64());
    else if (field === 3) matchers.push(readMatcher(reader));
    else return false;
    return true;
  });
  return { matchers, start, end };
}

function readMatcher(reader: Reader): Matcher {
  let type = 0;
  let name = '';
  let value = '';
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) type = reader.int32();
    else if (field === 2) name = reader.string();
    else if (field === 3) value = reader.string();
    else return false;
    return true;
  });
  const op = MATCH_OPS[type];
  if (op === undefined)
    throw new DecodeError(400, `matcher type ${type} of label ${JSON.stringify(name)} is not known`);
  return { name, op, value };
}

/**
 * A remote-read answer in plain samples, one result a question, compressed; made in time slices. Each result's series must be
 * sorted by labels.
 */
export async function encodeReadResponse(results: readonly (readonly SeriesColumns[])[]): Promise<Buffer> {
  const writer = protobuf.Writer.create();
  const slice = new TimeSlice();
  for (const result of results) {
    writer.uint32(0x0a).fork();
    for (const series of result) {
      writer.uint32(0x0a).fork();
      await writeColumns(writer, series, slice);
      writer.ldelim();
    }
    writer.ldelim();
  }
  return compress(Buffer.from(writer.finish()));
}

/** Samples between two checks whether to yield. */
const SAMPLES_A_LOOK = 256;

async function writeColumns(
  writer: protobuf.Writer,
  { labels, timestamps, values, histograms }: SeriesColumns,
  slice: TimeSlice,
): Promise<void> {
  writeLabels(writer, labels);
  // By their words, for a staleness marker must arrive bit for bit.
  const words = wordsOf(values);
  for (let i = 0; i < timestamps.length; i++) {
    if (i % SAMPLES_A_LOOK === 0 && slice.due) await slice.pause();
    if (histograms?.[i] !== undefined) continue;
    writer.uint32(0x12).fork();
    writer.uint32(0x09).fixed64({ low: words[2 * i], high: words[2 * i + 1], unsigned: true });
    writer.uint32(0x10).int64(timestamps[i]).ldelim();
  }
  for (const [i, histogram] of (histograms ?? []).entries()) {
    if (i % SAMPLES_A_LOOK === 0 && slice.due) await slice.pause();
    if (histogram === undefined) continue;
    writer.uint32(0x22).fork();
    writeHistogram(writer, histogram, timestamps[i]);
    writer.ldelim();
  }
}
