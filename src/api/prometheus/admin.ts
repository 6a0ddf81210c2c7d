import type { FastifyInstance } from 'fastify';
import { success } from '../answers/answer.ts';
import { ApiError, need } from '../answers/errors.ts';
import { documented } from '../openapi.ts';
import { MAX_TIME, MIN_TIME, matcherSets, paramsOf, timeParam } from '../requests/params.ts';
import type { ApiOptions, StoreAdmin } from '../types.ts';

/** `admin/tsdb/*`: off unless the configuration says otherwise. */
export function adminRoutes(app: FastifyInstance, options: ApiOptions): void {
  const admin = (): StoreAdmin => {
    if (!options.config.admin_api) throw new ApiError('unavailable', 'admin APIs disabled', 500);
    return need(options.admin, 'store of series');
  };
  const methods = ['POST', 'PUT'];
  const config = { access: 'admin' } as const;

  app.route({
    method: methods,
    url: '/api/v1/admin/tsdb/delete_series',
    config,
    schema: documented('Delete samples', { 'match[]': 'Selector, repeatable', start: 'First time', end: 'Last time' }),
    async handler(request, reply) {
      const store = admin();
      const params = paramsOf(request);
      if (!params.has('match[]')) throw new ApiError('bad_data', 'no match[] parameter provided');
      const sets = matcherSets(params, need(options.language, 'PromQL parser'), { named: true });
      const start = timeParam(params, 'start', MIN_TIME);
      const end = timeParam(params, 'end', MAX_TIME);
      await store.deleteSeries({ matcherSets: sets, start, end, limit: 0 });
      return reply.code(204).send();
    },
  });

  app.route({
    method: methods,
    url: '/api/v1/admin/tsdb/snapshot',
    config,
    schema: documented('Copy the store into a folder'),
    handler: async (_, reply) => success(reply, { name: await admin().snapshot() }),
  });

  app.route({
    method: methods,
    url: '/api/v1/admin/tsdb/clean_tombstones',
    config,
    schema: documented('Give back the room of deleted samples'),
    async handler(_, reply) {
      await admin().cleanTombstones();
      return reply.code(204).send();
    },
  });
}
