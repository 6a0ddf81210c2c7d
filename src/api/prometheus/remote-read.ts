import type { FastifyInstance } from 'fastify';
import { Labels } from '../../model/labels.ts';
import type { Select, SeriesColumns } from '../../model/query.ts';
import { DecodeError } from '../../remote-write/decode-error.ts';
import { type ReadQuery, decodeReadRequest, encodeReadResponse } from '../../remote-write/read.ts';
import { clientSignal } from '../abort.ts';
import { ApiError, need, queryError } from '../errors.ts';
import { documented } from '../openapi.ts';
import type { ApiOptions } from '../types.ts';

/** Questions are small; the answers are what is large. */
const MAX_BODY = 1024 * 1024;

/** The answer is made in memory before it is sent: five million samples are about 100 MB. */
const MAX_SAMPLES = 5_000_000;

/** `/api/v1/read`: what another Prometheus, or Thanos, asks for as raw samples. */
export function remoteReadRoute(app: FastifyInstance, options: ApiOptions): void {
  app.post(
    '/api/v1/read',
    { bodyLimit: MAX_BODY, schema: documented('Remote read: raw samples in protobuf and snappy') },
    async (request, reply) => {
      const select = need(options.select, 'store of series');
      const queries = await queriesOf(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
      const signal = clientSignal(reply);
      const results: SeriesColumns[][] = [];
      let left = MAX_SAMPLES;
      for (const query of queries) {
        const found = await read(select, query, left, signal);
        left -= found.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
        if (left < 0) throw new ApiError('bad_data', `exceeded sample limit (${MAX_SAMPLES})`);
        results.push(found.sort((a, b) => Labels.compare(a.labels, b.labels)));
      }
      return reply
        .type('application/x-protobuf')
        .header('content-encoding', 'snappy')
        .send(await encodeReadResponse(results));
    },
  );
}

async function queriesOf(body: Buffer): Promise<ReadQuery[]> {
  try {
    return await decodeReadRequest(body);
  } catch (error) {
    if (error instanceof DecodeError) throw new ApiError('bad_data', error.message, error.status);
    throw error;
  }
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
