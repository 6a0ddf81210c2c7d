import type protobuf from 'protobufjs/minimal.js';
import type { FloatHistogram, Span } from '../../model/sample.ts';
import { RESET_HINTS, isStaleWords } from '../../model/sample.ts';
import { eachFieldOfMessage, readList } from '../../lib/protobuf/read-fields.ts';

type Reader = protobuf.Reader;

/** Times in milliseconds; `start` is 0 where unknown. */
export interface DecodedHistogram {
  /** As it was sent, not validated. */
  readonly histogram: FloatHistogram;
  /** A staleness marker: the sum has its bits. The series has ended. */
  readonly stale: boolean;
  readonly counts: 'integer' | 'float';
  readonly timestamp: number;
  readonly start: number;
}

/** Integer histograms come with deltas between buckets, float ones with counts; both become counts. */
export function readHistogram(reader: Reader): DecodedHistogram {
  let timestamp = 0;
  let start = 0;
  let hint = 0;
  let float = false;
  let stale = false;
  const scalar = { schema: 0, zeroThreshold: 0, zeroCount: 0, count: 0, sum: 0 };
  const spans = { negative: [] as Span[], positive: [] as Span[] };
  const deltas = { negative: [] as number[], positive: [] as number[] };
  const counts = { negative: [] as number[], positive: [] as number[] };
  const customValues: number[] = [];
  eachFieldOfMessage(reader, (field, wire) => {
    switch (field) {
      case 1: scalar.count = Number(reader.uint64()); return true; // prettier-ignore
      case 2: scalar.count = reader.double(); float = true; return true; // prettier-ignore
      case 3: stale = isStaleNext(reader); scalar.sum = reader.double(); return true; // prettier-ignore
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
      case 17: start = Number(reader.int64()); return true; // prettier-ignore
      default: return false; // prettier-ignore
    }
  });
  const histogram = {
    ...scalar,
    counterReset: RESET_HINTS[hint] ?? 'unknown',
    negativeSpans: spans.negative,
    negativeBuckets: float ? counts.negative : runningSum(deltas.negative),
    positiveSpans: spans.positive,
    positiveBuckets: float ? counts.positive : runningSum(deltas.positive),
    customValues,
  };
  return { histogram, stale, counts: float ? 'float' : 'integer', timestamp, start };
}

/** By words, for a number of JavaScript does not keep the bits of a NaN. The reader stays where it is. */
function isStaleNext(reader: Reader): boolean {
  const { pos } = reader;
  const low = reader.fixed32();
  const high = reader.fixed32();
  reader.pos = pos;
  return isStaleWords(low, high);
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

function runningSum(deltas: readonly number[]): number[] {
  let sum = 0;
  return deltas.map((delta) => (sum += delta));
}
