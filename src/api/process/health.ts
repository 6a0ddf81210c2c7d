import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../context.ts';
import { documented } from '../openapi.ts';

/** `/-/healthy`, `/-/ready` and `/metrics`: plain text, for probes and scrapers. */
export function healthRoutes(app: FastifyInstance, context: ApiContext): void {
  const probe = { permission: 'open', rateLimit: false } as const;

  app.get('/-/healthy', { config: probe, schema: { ...documented('The process answers'), security: [] } }, (_, reply) =>
    reply.type('text/plain; charset=utf-8').send('crowsnest is healthy.\n'),
  );

  app.get(
    '/-/ready',
    { config: probe, schema: { ...documented('It can serve queries'), security: [] } },
    (_, reply) => {
      const { ready, why } = context.options.status?.ready() ?? { ready: true, why: '' };
      reply.type('text/plain; charset=utf-8');
      return ready ? reply.send('crowsnest is ready.\n') : reply.code(503).send(`crowsnest is not ready: ${why}\n`);
    },
  );

  app.get(
    '/metrics',
    { config: { permission: 'system', rateLimit: false }, schema: documented('Metrics of the process itself') },
    async (request, reply) => {
      const page = await context.groupOf(request, 'status').selfMetrics();
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(page);
    },
  );
}
