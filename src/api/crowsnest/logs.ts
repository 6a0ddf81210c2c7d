import type { FastifyInstance } from 'fastify';
import type { LogSearchRequest } from '../../model/log.ts';
import { clientSignal } from '../requests/client-signal.ts';
import { success } from '../answers/answer.ts';
import { ApiError, badParameter, need, queryError } from '../answers/errors.ts';
import { documented } from '../openapi.ts';
import { countParam, paramsOf, timeParam } from '../requests/params.ts';
import type { ApiOptions } from '../types.ts';
import { tailRoute } from './tail.ts';

const HOUR = 3_600_000;
const MOST_RECORDS = 5000;

/** `/api/crowsnest/v1/logs…`: search, live tail, files. */
export function logRoutes(app: FastifyInstance, options: ApiOptions): void {
  const now = options.now ?? Date.now;
  app.get(
    '/api/crowsnest/v1/logs',
    {
      schema: documented('Search log records', {
        query: 'KQL subset; empty for all',
        start: 'First time; an hour ago',
        end: 'Last time; now',
        limit: '200',
        order: '`newest` or `oldest` first',
        after: 'Only what was stored after this cursor of an earlier answer',
      }),
    },
    async (request, reply) => {
      const search = need(options.searchLogs, 'store of logs');
      const asked = searchOf(paramsOf(request), now());
      try {
        return success(reply, await search(asked, clientSignal(reply)));
      } catch (error) {
        throw queryError(error);
      }
    },
  );

  tailRoute(app, options);

  app.get('/api/crowsnest/v1/logs/files', { schema: documented('Files that lines come from') }, (_, reply) =>
    success(reply, need(options.logFiles, 'log collection')()),
  );
}

function searchOf(params: URLSearchParams, now: number): LogSearchRequest {
  const order = params.get('order') ?? 'newest';
  if (order !== 'newest' && order !== 'oldest')
    throw badParameter('order', `expected newest or oldest, not ${JSON.stringify(order)}`);
  const end = timeParam(params, 'end', now);
  const start = timeParam(params, 'start', end - HOUR);
  if (end < start) throw new ApiError('bad_data', 'end timestamp must not be before start timestamp');
  const limit = countParam(params, 'limit', 200, MOST_RECORDS);
  return { query: params.get('query') ?? '', start, end, limit, order, after: params.get('after') ?? undefined };
}
