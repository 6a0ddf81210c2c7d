import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ApiError } from './errors.ts';
import { formatPlain, formatTimestamp, formatValue } from './format.ts';
import type { QueryEngine, QueryResult, QueryStats } from './types.ts';
import type { Labels } from '../model/labels.ts';

/** Text is handed to the socket in pieces of about this many characters, so that other requests get their turn. */
const PIECE = 64 * 1024;

const JSON_TYPE = 'application/json';

/** What an answer says beside its data. */
export interface Notes {
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

export const TRUNCATED = 'results truncated due to limit';

/** Prometheus' envelope around plain data. */
export function success(reply: FastifyReply, data: unknown, notes: Notes = {}): FastifyReply {
  return reply.type(JSON_TYPE).send(`{"status":"success","data":${JSON.stringify(data)}${notesOf(notes)}}`);
}

export function failure(reply: FastifyReply, error: ApiError): FastifyReply {
  return reply
    .code(error.status)
    .type(JSON_TYPE)
    .send(JSON.stringify({ status: 'error', errorType: error.type, error: error.message }));
}

/** The first `limit` of a list (0 = all), and the warning that belongs to a cut. */
export function cut<T>(list: readonly T[], limit: number): { readonly list: readonly T[]; readonly notes: Notes } {
  if (limit === 0 || list.length <= limit) return { list, notes: {} };
  return { list: list.slice(0, limit), notes: { warnings: [TRUNCATED] } };
}

/** Sends a query's result, in pieces where it is large. */
export function sendResult(
  reply: FastifyReply,
  result: QueryResult,
  notes: Notes,
  withStats: boolean,
  histogramJson: HistogramJson,
): FastifyReply {
  const stats = withStats && result.stats !== undefined ? `,"stats":${JSON.stringify(statsJson(result.stats))}` : '';
  return sendPieces(reply, JSON_TYPE, inPieces(resultParts(result, notes, stats, histogramJson)));
}

type HistogramJson = QueryEngine['histogramJson'];

/** Prometheus' form, times in seconds. What this engine does not take apart counts as evaluation. */
function statsJson({ totalSamples, peakSamples, evalTime }: QueryStats) {
  const seconds = evalTime / 1000;
  return {
    timings: {
      evalTotalTime: seconds,
      resultSortTime: 0,
      queryPreparationTime: 0,
      innerEvalTime: seconds,
      execQueueTime: 0,
      execTotalTime: seconds,
    },
    samples: { totalQueryableSamples: totalSamples, peakSamples },
  };
}

/** Sends text that is made while it is sent; a short one goes out whole, with its length. */
export function sendPieces(
  reply: FastifyReply,
  type: string,
  pieces: Iterator<string> & Iterable<string>,
): FastifyReply {
  reply.type(type);
  const first = pieces.next();
  if (first.done) return reply.send('');
  const second = pieces.next();
  if (second.done) return reply.send(first.value);
  return reply.send(Readable.from(chain([first.value, second.value], pieces)));
}

function* chain(head: readonly string[], rest: Iterable<string>): Generator<string> {
  yield* head;
  yield* rest;
}

/** Gathers short parts into pieces worth a write. */
export function* inPieces(parts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const part of parts) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function* resultParts(
  result: QueryResult,
  notes: Notes,
  stats: string,
  histogramJson: HistogramJson,
): Generator<string> {
  yield `{"status":"success","data":{"resultType":"${result.type}","result":`;
  switch (result.type) {
    case 'scalar':
      yield `[${formatTimestamp(result.timestamp)},"${formatPlain(result.value)}"]`;
      break;
    case 'string':
      yield `[${formatTimestamp(result.timestamp)},${JSON.stringify(result.value)}]`;
      break;
    case 'vector':
      yield* list(result.samples, (sample) => vectorSample(sample, histogramJson));
      break;
    case 'matrix':
      yield* matrix(result.series, histogramJson);
      break;
  }
  yield `${stats}}${notesOf(notes)}}`;
}

function* list<T>(items: Iterable<T>, write: (item: T) => string): Generator<string> {
  let separator = '[';
  for (const item of items) {
    yield separator + write(item);
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}

type Vector = Extract<QueryResult, { type: 'vector' }>['samples'];
type Matrix = Extract<QueryResult, { type: 'matrix' }>['series'];

function vectorSample({ labels, timestamp, value, histogram }: Vector[number], histogramJson: HistogramJson): string {
  const time = formatTimestamp(timestamp);
  const sample =
    histogram === undefined
      ? `"value":[${time},"${formatValue(value)}"]`
      : `"histogram":[${time},${JSON.stringify(histogramJson(histogram))}]`;
  return `{"metric":${labelsJson(labels)},${sample}}`;
}

function* matrix(series: Matrix, histogramJson: HistogramJson): Generator<string> {
  // Series without gaps share one column of times, whose text is made once.
  let times: readonly string[] = [];
  let column: Float64Array | undefined;
  yield '[';
  let separator = '';
  for (const one of series) {
    if (one.timestamps !== column) {
      column = one.timestamps;
      times = Array.from(column, (ms) => formatTimestamp(ms));
    }
    yield `${separator}{"metric":${labelsJson(one.labels)}`;
    separator = ',';
    yield* floats(one, times);
    if (one.histograms !== undefined) yield* histograms(one.histograms, times, histogramJson);
    yield '}';
  }
  yield ']';
}

const SAMPLES_A_PART = 512;

function* floats({ values, histograms }: Matrix[number], times: readonly string[]): Generator<string> {
  let text = '';
  let separator = ',"values":[';
  for (let i = 0; i < times.length; i++) {
    if (histograms?.[i] !== undefined) continue;
    text += `${separator}[${times[i]},"${formatValue(values[i])}"]`;
    separator = ',';
    if (i % SAMPLES_A_PART !== 0) continue;
    yield text;
    text = '';
  }
  if (separator === ',') yield `${text}]`;
}

function* histograms(
  column: NonNullable<Matrix[number]['histograms']>,
  times: readonly string[],
  histogramJson: HistogramJson,
): Generator<string> {
  let separator = ',"histograms":[';
  for (const [i, histogram] of column.entries()) {
    if (histogram === undefined) continue;
    yield `${separator}[${times[i]},${JSON.stringify(histogramJson(histogram))}]`;
    separator = ',';
  }
  if (separator === ',') yield ']';
}

export function labelsJson(labels: Labels): string {
  const flat = labels.flat;
  let text = '{';
  for (let i = 0; i < flat.length; i += 2) {
    text += `${i === 0 ? '' : ','}${JSON.stringify(flat[i])}:${JSON.stringify(flat[i + 1])}`;
  }
  return `${text}}`;
}

function notesOf({ warnings = [], infos = [] }: Notes): string {
  return (
    (warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`) +
    (infos.length === 0 ? '' : `,"infos":${JSON.stringify(infos)}`)
  );
}
