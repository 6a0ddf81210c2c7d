import type { FastifyInstance } from 'fastify';
import { InputError } from '../../lib/schema/yaml.ts';
import type { ApiContext } from '../context.ts';
import { documented } from '../openapi.ts';

/** `/-/reload`: reads the configuration anew, as SIGHUP does. As in Prometheus, a refused one answers 500 in plain text. */
export function reloadRoute(app: FastifyInstance, context: ApiContext): void {
  app.route({
    method: ['POST', 'PUT'],
    url: '/-/reload',
    config: { permission: 'write', audit: [] },
    schema: documented('Read the configuration anew: all of it takes effect, or nothing'),
    async handler(request, reply) {
      reply.type('text/plain; charset=utf-8');
      try {
        await context.groupOf(request, 'lifecycle').reload();
        return reply.send('');
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        return reply.code(500).send(`failed to reload config:
${error.message}
`);
      }
    },
  });
}
