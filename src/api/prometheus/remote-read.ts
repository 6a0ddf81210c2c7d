import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { Select, SeriesColumns } from '../../model/query.ts';
import { compileMatch } from '../../lib/text/match.ts';
import { DecodeError } from '../../lib/http/decode-error.ts';
import { FRAMES_TYPE, readFrames } from '../remote-read/read-frames.ts';
import {
  type ReadAnswerType,
  type ReadQuery,
  type ReadRequest,
  decodeReadRequest,
  encodeReadResponse,
} from '../remote-read/read.ts';
import { clientSignal } from '../requests/client-signal.ts';
import { ApiError, messageOf, queryError } from '../answers/errors.ts';
import { documented } from '../openapi.ts';
import type { ApiContext } from '../context.ts';

/** Questions are small; the answers are what is large. */
const MAX_BODY = 1024 * 1024;

/** An answer of samples is made in memory before it is sent: five million are about 100 MB. One of chunks is not. */
const MAX_SAMPLES: Readonly<Record<ReadAnswerType, number>> = { samples: 5_000_000, chunks: 20_000_000 };

/** `/api/v1/read`: what another Prometheus, or Thanos, asks for as raw samples or chunks. */
export function remoteReadRoute(app: FastifyInstance, context: ApiContext): void {
  app.post(
    '/api/v1/read',
    {
      bodyLimit: MAX_BODY,
      config: { permission: 'query' },
      schema: documented('Remote read: raw samples, or a stream of XOR chunks, in protobuf'),
    },
    async (request, reply) => {
      const select = context.groupOf(request, 'queries').select;
      const { queries, accepted } = await requestOf(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
      const results = await readAll(select, queries, MAX_SAMPLES[accepted[0]], clientSignal(reply));
      const type = results.some((result) => result.some(({ histograms }) => histograms !== undefined))
        ? 'samples'
        : accepted[0];
      if (!accepted.includes(type))
        throw new ApiError(
          'bad_data',
          'native histograms are served as SAMPLES only, which the request does not accept',
        );
      if (type === 'chunks')
        return reply.type(FRAMES_TYPE).send(Readable.from(readFrames(results), { objectMode: false }));
      refuseMore(results, MAX_SAMPLES.samples);
      return reply
        .type('application/x-protobuf')
        .header('content-encoding', 'snappy')
        .send(await encodeReadResponse(results));
    },
  );
}

async function requestOf(body: Buffer): Promise<ReadRequest> {
  try {
    const read = await decodeReadRequest(body);
    for (const { matchers } of read.queries) for (const matcher of matchers) checkMatcher(matcher);
    return read;
  } catch (error) {
    if (error instanceof DecodeError) throw new ApiError('bad_data', error.message, error.status);
    throw error;
  }
}

/** Characters of a matcher's value. A longer regular expression would take seconds to compile. */
const MAX_MATCHER = 100_000;

function checkMatcher({ name, op, value }: Matcher): void {
  const where = `matcher of label ${JSON.stringify(name.slice(0, 200))}`;
  if (value.length > MAX_MATCHER) throw new ApiError('bad_data', `${where}: longer than ${MAX_MATCHER} characters`);
  try {
    compileMatch(op, value);
  } catch (error) {
    throw new ApiError('bad_data', `${where}: ${messageOf(error).slice(0, 500)}`);
  }
}

async function readAll(
  select: Select,
  queries: readonly ReadQuery[],
  maxSamples: number,
  signal: AbortSignal,
): Promise<SeriesColumns[][]> {
  const results: SeriesColumns[][] = [];
  for (const query of queries) {
    const found = await read(select, query, maxSamples - samplesOf(results), signal);
    results.push(found.sort((a, b) => Labels.compare(a.labels, b.labels)));
    refuseMore(results, maxSamples);
  }
  return results;
}

function refuseMore(results: readonly SeriesColumns[][], maxSamples: number): void {
  if (samplesOf(results) > maxSamples) throw new ApiError('bad_data', `exceeded sample limit (${maxSamples})`);
}

function samplesOf(results: readonly SeriesColumns[][]): number {
  return results.flat().reduce((sum, { timestamps }) => sum + timestamps.length, 0);
}

async function read(
  select: Select,
  { matchers, start, end }: ReadQuery,
  maxSamples: number,
  signal: AbortSignal,
): Promise<SeriesColumns[]> {
  const hints = { step: 0, range: 0, func: '', grouping: [], by: false, maxSamples };
  try {
    // A copy: the columns are the store's, and so may be their list.
    return [...(await select({ matchers, start, end, hints }, signal))];
  } catch (error) {
    throw queryError(error);
  }
}
