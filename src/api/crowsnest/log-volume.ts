import type { FastifyInstance } from 'fastify';
import { success } from '../answers/answer.ts';
import { ApiError, queryError } from '../answers/errors.ts';
import type { ApiContext } from '../context.ts';
import { documented } from '../openapi.ts';
import { clientSignal } from '../requests/client-signal.ts';
import { countParam, paramsOf, timeParam } from '../requests/params.ts';

const HOUR = 3_600_000;
const MOST_BUCKETS = 1000;

/** `/api/crowsnest/v1/logs/volume`: how many records a search finds over time, by level; null where nothing counts them. */
export function logVolumeRoute(app: FastifyInstance, context: ApiContext): void {
  app.get(
    '/api/crowsnest/v1/logs/volume',
    {
      config: { permission: 'logs' },
      schema: documented('Count log records over time, by level', {
        query: 'KQL subset; empty for all',
        start: 'First time; an hour ago',
        end: 'Last time; now',
        buckets: '60, equal parts of the time',
      }),
    },
    async (request, reply) => {
      const { countLogs } = context.groupOf(request, 'logs');
      const params = paramsOf(request);
      const end = timeParam(params, 'end', context.now());
      const start = timeParam(params, 'start', end - HOUR);
      if (end < start) throw new ApiError('bad_data', 'end timestamp must not be before start timestamp');
      if (countLogs === undefined) return success(reply, null);
      const buckets = countParam(params, 'buckets', 60, MOST_BUCKETS);
      try {
        return success(
          reply,
          await countLogs({ query: params.get('query') ?? '', start, end, buckets }, clientSignal(reply)),
        );
      } catch (error) {
        throw queryError(error);
      }
    },
  );
}
