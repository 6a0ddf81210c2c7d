import type { FastifyInstance } from 'fastify';
import type { ServerConfig } from '../config.ts';
import { ApiError } from '../answers/errors.ts';

/**
 * Lets pages of the configured origins call the API, and keeps pages of any other origin from changing something here
 * through a visitor's browser.
 */
export function cors(app: FastifyInstance, config: Pick<ServerConfig, 'cors_origins' | 'external_url'>): void {
  const allowed = new Set(config.cors_origins);
  const own = config.external_url === '' ? '' : new URL(config.external_url).origin;

  app.addHook('onRequest', async (request, reply) => {
    const origin = request.headers.origin;
    if (origin === undefined) return;
    if (allowed.has('*') || allowed.has(origin)) {
      reply
        .header('access-control-allow-origin', allowed.has('*') ? '*' : origin)
        .header('access-control-allow-headers', 'Accept, Authorization, Content-Type, Origin')
        .header('access-control-allow-methods', 'GET, POST, OPTIONS')
        .header('access-control-expose-headers', 'Date');
      if (request.method === 'OPTIONS') return reply.code(204).send();
      return;
    }
    const sameOrigin = origin === own || origin === `${request.protocol}://${request.host}`;
    if (!sameOrigin && request.method !== 'GET' && request.method !== 'HEAD')
      throw new ApiError('forbidden', `pages of ${origin} may not call this server; see server.cors_origins`);
  });
}
