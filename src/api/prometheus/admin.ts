import type { FastifyInstance, FastifyRequest } from 'fastify';
import { success } from '../answers/answer.ts';
import { ApiError } from '../answers/errors.ts';
import { documented } from '../openapi.ts';
import { MAX_TIME, MIN_TIME, matcherSets, paramsOf, timeParam } from '../requests/params.ts';
import type { ApiContext } from '../context.ts';
import type { StoreAdmin } from '../types.ts';

/** `admin/tsdb/*`: off unless the configuration says otherwise. */
export function adminRoutes(app: FastifyInstance, context: ApiContext): void {
  const adminOf = (request: FastifyRequest): StoreAdmin => {
    if (!context.config.admin_api) throw new ApiError('unavailable', 'admin APIs disabled', 500);
    return context.groupOf(request, 'admin');
  };
  const methods = ['POST', 'PUT'];
  const permission = 'admin';

  app.route({
    method: methods,
    url: '/api/v1/admin/tsdb/delete_series',
    config: { permission, audit: ['match[]', 'start', 'end'] },
    schema: documented('Delete samples', { 'match[]': 'Selector, repeatable', start: 'First time', end: 'Last time' }),
    async handler(request, reply) {
      const store = adminOf(request);
      const params = paramsOf(request);
      if (!params.has('match[]')) throw new ApiError('bad_data', 'no match[] parameter provided');
      const sets = matcherSets(params, context.groupOf(request, 'language'), { named: true });
      const start = timeParam(params, 'start', MIN_TIME);
      const end = timeParam(params, 'end', MAX_TIME);
      await store.deleteSeries({ matcherSets: sets, start, end, limit: 0 });
      return reply.code(204).send();
    },
  });

  app.route({
    method: methods,
    url: '/api/v1/admin/tsdb/snapshot',
    config: { permission, audit: [] },
    schema: documented('Copy the store into a folder'),
    handler: async (request, reply) => success(reply, { name: await adminOf(request).snapshot() }),
  });

  app.route({
    method: methods,
    url: '/api/v1/admin/tsdb/clean_tombstones',
    config: { permission, audit: [] },
    schema: documented('Give back the room of deleted samples'),
    async handler(request, reply) {
      await adminOf(request).cleanTombstones();
      return reply.code(204).send();
    },
  });
}
