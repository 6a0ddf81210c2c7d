import type { FastifyReply } from 'fastify';
import type { ApiError } from './errors.ts';
import { sendPieces } from './chunked-writer.ts';
import { resultPieces } from './result.ts';
import type { QueryEngine, QueryResult, QueryStats } from '../types.ts';

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
  if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter);
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
  histogramJson: QueryEngine['histogramJson'],
): FastifyReply {
  const stats = withStats && result.stats !== undefined ? `,"stats":${JSON.stringify(statsJson(result.stats))}` : '';
  const pieces = resultPieces('{"status":"success","data":{', result, `${stats}}${notesOf(notes)}}`, histogramJson);
  return sendPieces(reply, JSON_TYPE, pieces);
}

/** Prometheus' form, times in seconds. What this engine does not take apart counts as evaluation. */
function statsJson({ totalSamples, samplesRead, peakSamples, perStep, evalTime }: QueryStats) {
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
    samples: {
      totalQueryableSamplesPerStep: perStep && byTime(perStep.times, perStep.total),
      totalQueryableSamples: totalSamples,
      samplesReadPerStep: perStep && byTime(perStep.times, perStep.read),
      samplesRead,
      peakSamples,
    },
  };
}

function byTime(times: Float64Array, counts: Float64Array): [seconds: number, count: number][] {
  return Array.from(times, (time, k) => [time / 1000, counts[k]]);
}

function notesOf({ warnings = [], infos = [] }: Notes): string {
  return (
    (warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`) +
    (infos.length === 0 ? '' : `,"infos":${JSON.stringify(infos)}`)
  );
}
