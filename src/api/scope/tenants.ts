import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../answers/errors.ts';
import type { ApiOptions } from '../types.ts';
import type { TenantConfig } from './config.ts';
import { scoped } from './scope.ts';

/** A caller that reads some series only, and the app of its own that serves it. */
export interface Tenant {
  readonly config: TenantConfig;
  /** Serves the request in place of the app that it came to. */
  enter(request: FastifyRequest, reply: FastifyReply): void;
  close(): Promise<void>;
}

/** Under `/api/` all that is not here is closed to tenants, whatever else is added to the API one day. */
const OPEN: ReadonlySet<string> = new Set([
  '/api/v1/query',
  '/api/v1/query_range',
  '/api/v1/query_exemplars',
  '/api/v1/format_query',
  '/api/v1/parse_query',
  '/api/v1/explain_query',
  '/api/v1/series',
  '/api/v1/labels',
  '/api/v1/label/:name/values',
  '/api/v1/metadata',
  '/api/v1/rules',
  '/api/v1/alerts',
  '/api/v1/read',
  '/api/v1/status/buildinfo',
  '/api/v1/openapi.json',
]);

/** Open to those who have `log_matchers`. */
const LOGS: ReadonlySet<string> = new Set(['/api/crowsnest/v1/logs', '/api/crowsnest/v1/logs/tail']);

/**
 * One app for each tenant, over functions that are narrowed to its series: what it may not see is not filtered out of
 * answers but cannot get into them.
 */
export async function createTenants(
  options: ApiOptions,
  createApi: (options: ApiOptions) => Promise<FastifyInstance>,
): Promise<Tenant[]> {
  return Promise.all(
    options.config.tenants.map(async (config): Promise<Tenant> => {
      const app = await createApi(scoped(options, config));
      await app.ready();
      return {
        config,
        enter(request, reply) {
          const route = request.routeOptions.url ?? '';
          if ((route.startsWith('/api/') || route === '/metrics') && !isOpen(route, config))
            throw new ApiError('forbidden', `tenant ${config.name} may not use ${route}`);
          reply.hijack();
          app.routing(request.raw, reply.raw);
        },
        close: () => app.close(),
      };
    }),
  );
}

function isOpen(route: string, { log_matchers }: TenantConfig): boolean {
  return OPEN.has(route) || (log_matchers !== undefined && LOGS.has(route));
}
