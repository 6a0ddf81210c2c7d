import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../answers/errors.ts';
import type { ServerConfig } from '../config.ts';
import type { ApiContext } from '../context.ts';

/**
 * Lets pages of the configured origins call the API, and keeps pages of any other origin from changing something here
 * through a visitor's browser.
 */
export function cors(app: FastifyInstance, context: ApiContext): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined) return;
    const allowed = context.config.cors_origins;
    if (allowed.includes('*') || allowed.includes(origin)) {
      reply
        .header('access-control-allow-origin', allowed.includes('*') ? '*' : origin)
        .header('access-control-allow-headers', 'Accept, Authorization, Content-Type, Origin')
        .header('access-control-allow-methods', 'GET, POST, OPTIONS')
        .header('access-control-expose-headers', 'Date');
      if (request.method === 'OPTIONS') return reply.code(204).send();
      return;
    }
    if (isSafe(request) || isSameOrigin(request, context.config)) return;
    throw new ApiError('forbidden', `pages of ${origin} may not call this server; see server.cors_origins`);
  });
}

/**
 * A browser sends the session's cookie by itself, so a write with it must come from a page of ours, whatever
 * `server.cors_origins` allows to callers with a token. @throws {ApiError}
 */
export function refuseForgery(request: FastifyRequest, config: ServerConfig): void {
  if (isSafe(request) || isSameOrigin(request, config)) return;
  throw new ApiError('forbidden', 'with a session only pages of this server may change something');
}

function isSafe({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** A proxy may speak TLS for us, so the scheme is not compared. */
function isSameOrigin({ headers }: FastifyRequest, { external_url }: ServerConfig): boolean {
  const { origin } = headers;
  if (origin === undefined) return headers['sec-fetch-site'] === 'same-origin';
  if (external_url !== '' && origin === new URL(external_url).origin) return true;
  return URL.canParse(origin) && new URL(origin).host === headers.host?.toLowerCase();
}
