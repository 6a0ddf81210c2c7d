import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifySchema } from 'fastify';

/** What `/api/v1/openapi.json` says of a route. Parameters are read by the handlers, who have Prometheus' words for faults. */
export function documented(summary: string, parameters: Readonly<Record<string, string>> = {}): FastifySchema {
  const properties = Object.fromEntries(
    Object.entries(parameters).map(([name, description]) => [
      name,
      name.endsWith('[]') ? { type: 'array', items: { type: 'string' }, description } : { type: 'string', description },
    ]),
  );
  return { summary, ...(Object.keys(properties).length === 0 ? {} : { querystring: { type: 'object', properties } }) };
}

/** Either opens a route. */
const CREDENTIALS: object = {
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer' }, user: { type: 'http', scheme: 'basic' } },
  },
  security: [{ token: [] }, { user: [] }],
};

/** Gathers the routes that are registered after it. `guarded`: callers say who they are. */
export async function openApi(app: FastifyInstance, version: string, guarded: () => boolean): Promise<void> {
  // The schemas describe; nothing is checked or coerced by them.
  app.setValidatorCompiler(() => () => true);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'crowsnest',
        description: "Prometheus' HTTP API, and crowsnest's own endpoints under /api/crowsnest/v1",
        version,
      },
    },
  });
  app.get('/api/v1/openapi.json', { config: { permission: 'query' }, schema: { hide: true } }, (_, reply) =>
    reply.type('application/json').send(JSON.stringify({ ...app.swagger(), ...(guarded() ? CREDENTIALS : {}) })),
  );
}
