import type { Labels } from '../../model/labels.ts';
import { formatPlain, formatTimestamp } from './format.ts';
import { ChunkedWriter } from './chunked-writer.ts';
import type { QueryEngine, QueryResult } from '../types.ts';
import { NUMBER_BYTES, writeAscii, writeNumber } from './write-number.ts';

type HistogramJson = QueryEngine['histogramJson'];
type Vector = Extract<QueryResult, { type: 'vector' }>['samples'];
type Matrix = Extract<QueryResult, { type: 'matrix' }>['series'];

/** A query's result as Prometheus writes it in JSON, between `head` and `tail`. */
export function* resultPieces(
  head: string,
  result: QueryResult,
  tail: string,
  histogramJson: HistogramJson,
): Generator<Buffer> {
  const out = new ChunkedWriter();
  out.text(`${head}"resultType":"${result.type}","result":`);
  switch (result.type) {
    case 'scalar':
      out.text(`[${formatTimestamp(result.timestamp)},"${formatPlain(result.value)}"]`);
      break;
    case 'string':
      out.text(`[${formatTimestamp(result.timestamp)},${JSON.stringify(result.value)}]`);
      break;
    case 'vector':
      yield* vector(out, result.samples, histogramJson);
      break;
    case 'matrix':
      yield* matrix(out, result.series, histogramJson);
      break;
  }
  out.text(tail);
  yield* out.rest();
}

function* vector(out: ChunkedWriter, samples: Vector, histogramJson: HistogramJson): Generator<Buffer> {
  let separator = '[';
  for (const { labels, timestamp, value, histogram } of samples) {
    const time = formatTimestamp(timestamp);
    const metric = `${separator}{"metric":${labelsJson(labels)}`;
    separator = ',';
    if (histogram === undefined) {
      out.text(`${metric},"value":[${time},"`);
      out.reserve(NUMBER_BYTES);
      out.at = writeNumber(out.piece, out.at, value);
      out.text('"]}');
    } else out.text(`${metric},"histogram":[${time},${JSON.stringify(histogramJson(histogram))}]}`);
    yield* out.full();
  }
  out.text(separator === '[' ? '[]' : ']');
}

function* matrix(out: ChunkedWriter, series: Matrix, histogramJson: HistogramJson): Generator<Buffer> {
  // Series without gaps share one column of times, whose text is made once.
  let heads: SampleHeads | undefined;
  out.text('[');
  let separator = '';
  for (const one of series) {
    if (heads?.timestamps !== one.timestamps) heads = sampleHeads(one.timestamps);
    out.text(`${separator}{"metric":${labelsJson(one.labels)}`);
    separator = ',';
    writeFloats(out, one, heads);
    if (one.histograms !== undefined) yield* histograms(out, one, histogramJson);
    out.text('}');
    yield* out.full();
  }
  out.text(']');
}

/**
 * What stands before each value of a series: `[1700000000.250,"`. Held as floats, of which three written at once are many
 * times faster than bytes one by one; no text is a NaN, whose bits might change.
 */
interface SampleHeads {
  readonly timestamps: Float64Array;
  readonly floats: Float64Array;
  /** Bytes of each. */
  readonly lengths: Uint8Array;
}

const HEAD_FLOATS = 3;
const HEAD_BYTES = HEAD_FLOATS * 8;

function sampleHeads(timestamps: Float64Array): SampleHeads {
  const floats = new Float64Array(timestamps.length * HEAD_FLOATS);
  const bytes = new Uint8Array(floats.buffer);
  const lengths = Uint8Array.from(timestamps, (timestamp, i) => {
    const from = i * HEAD_BYTES;
    return writeAscii(bytes, from, `[${formatTimestamp(timestamp)},"`) - from;
  });
  return { timestamps, floats, lengths };
}

const QUOTE = 0x22;
const CLOSE = 0x5d;
const COMMA = 0x2c;

function writeFloats(
  out: ChunkedWriter,
  { values, histograms }: Matrix[number],
  { floats, lengths }: SampleHeads,
): void {
  let empty = true;
  for (let i = 0; i < values.length; i++) {
    if (histograms?.[i] !== undefined) continue;
    if (empty) out.text(',"values":[');
    empty = false;
    out.reserve(HEAD_BYTES + NUMBER_BYTES + 3);
    const { piece, view } = out;
    let at = out.at;
    view.setFloat64(at, floats[i * HEAD_FLOATS], true);
    view.setFloat64(at + 8, floats[i * HEAD_FLOATS + 1], true);
    view.setFloat64(at + 16, floats[i * HEAD_FLOATS + 2], true);
    at = writeNumber(piece, at + lengths[i], values[i]);
    piece[at] = QUOTE;
    piece[at + 1] = CLOSE;
    piece[at + 2] = COMMA;
    out.at = at + 3;
  }
  // In place of the last comma.
  if (!empty) out.piece[out.at - 1] = CLOSE;
}

function* histograms(
  out: ChunkedWriter,
  { timestamps, histograms = [] }: Matrix[number],
  histogramJson: HistogramJson,
): Generator<Buffer> {
  let separator = ',"histograms":[';
  for (const [i, histogram] of histograms.entries()) {
    if (histogram === undefined) continue;
    out.text(`${separator}[${formatTimestamp(timestamps[i])},${JSON.stringify(histogramJson(histogram))}]`);
    separator = ',';
    yield* out.full();
  }
  if (separator === ',') out.text(']');
}

export function labelsJson(labels: Labels): string {
  const flat = labels.flat;
  let text = '{';
  for (let i = 0; i < flat.length; i += 2) {
    text += `${i === 0 ? '' : ','}${JSON.stringify(flat[i])}:${JSON.stringify(flat[i + 1])}`;
  }
  return `${text}}`;
}
