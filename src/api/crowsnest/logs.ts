import type { FastifyInstance } from 'fastify';
import type { LogSearchRequest } from '../../model/log.ts';
import { clientSignal } from '../requests/client-signal.ts';
import { success } from '../answers/answer.ts';
import { ApiError, badParameter, queryError } from '../answers/errors.ts';
import { documented } from '../openapi.ts';
import { countParam, paramsOf, textParam, timeParam } from '../requests/params.ts';
import type { ApiContext } from '../context.ts';
import { logVolumeRoute } from './log-volume.ts';
import { tailRoute } from './tail.ts';

const HOUR = 3_600_000;
const MOST_RECORDS = 5000;

/** `/api/crowsnest/v1/logs…`: search, live tail, files. */
export function logRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get(
    '/api/crowsnest/v1/logs',
    {
      config: { permission: 'logs' },
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
      const search = context.groupOf(request, 'logs').searchLogs;
      const asked = searchOf(paramsOf(request), context.now());
      try {
        return success(reply, await search(asked, clientSignal(reply)));
      } catch (error) {
        throw queryError(error);
      }
    },
  );

  logVolumeRoute(app, context);
  tailRoute(app, context);

  app.get(
    '/api/crowsnest/v1/logs/files',
    { config: { permission: 'system' }, schema: documented('Files that lines come from') },
    (request, reply) => {
      const { logFiles } = context.groupOf(request, 'logs');
      if (logFiles === undefined) throw new ApiError('unavailable', 'this crowsnest follows no log files');
      return success(reply, logFiles());
    },
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
  return {
    query: textParam(params, 'query'),
    start,
    end,
    limit,
    order,
    after: params.has('after') ? textParam(params, 'after') : undefined,
  };
}
