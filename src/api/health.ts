import type { FastifyInstance } from 'fastify';
import { documented } from './openapi.ts';
import { need } from './answers/errors.ts';
import type { ApiOptions } from './types.ts';

/** `/-/healthy`, `/-/ready` and `/metrics`: plain text, for probes and scrapers. */
export function healthRoutes(app: FastifyInstance, options: ApiOptions): void {
  const probe = { open: true, rateLimit: false } as const;

  app.get('/-/healthy', { config: probe, schema: { ...documented('The process answers'), security: [] } }, (_, reply) =>
    reply.type('text/plain; charset=utf-8').send('crowsnest is healthy.\n'),
  );

  app.get(
    '/-/ready',
    { config: probe, schema: { ...documented('It can serve queries'), security: [] } },
    (_, reply) => {
      const { ready, why } = options.ready?.() ?? { ready: true, why: '' };
      reply.type('text/plain; charset=utf-8');
      return ready ? reply.send('crowsnest is ready.\n') : reply.code(503).send(`crowsnest is not ready: ${why}\n`);
    },
  );

  app.get(
    '/metrics',
    { config: { rateLimit: false }, schema: documented('Metrics of the process itself') },
    async (_, reply) => {
      const page = await need(options.selfMetrics, 'metrics of its own')();
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(page);
    },
  );
}
