import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { failure } from './answer.ts';
import type { DeclaredRoute } from '../auth/declared-routes.ts';
import { ApiError, messageOf } from './errors.ts';

/** Turns what handlers throw into Prometheus' envelope. What went wrong inside is for the log, not for the caller. */
export function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ApiError && error.type !== 'internal') return failure(reply, error);
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    if (status === 429) return failure(reply, new ApiError('too_many_requests', messageOf(error)));
    if (status >= 400 && status < 500) return failure(reply, new ApiError('bad_data', messageOf(error), status));
    const cause = error instanceof ApiError ? (error.cause ?? error) : error;
    request.log.error({ err: cause, url: request.routeOptions.url, id: request.id }, 'request failed');
    return failure(reply, new ApiError('internal', `internal error; the log of this server has it as ${request.id}`));
  });
}

/** 405 for another method of a known path; else 404: a page for a browser's address bar, JSON for programs. */
export function answerUnknown(
  app: FastifyInstance,
  routes: readonly DeclaredRoute[],
  consoleFolder: string | undefined,
): void {
  const patterns = methodsByPattern(routes);
  app.setNotFoundHandler((request, reply) => {
    const [path] = request.url.split('?', 1);
    reply.header('cache-control', 'no-store');
    const known = patterns.find(([pattern]) => pattern.test(path));
    if (known !== undefined) {
      reply.header('allow', [...new Set(known[1])].join(', '));
      return failure(reply, new ApiError('bad_data', 'Method Not Allowed', 405));
    }
    if (isBrowser(request, path)) return sendPage(reply, consoleFolder);
    return failure(reply, new ApiError('not_found', `no such page: ${path}`));
  });
}

function isBrowser({ method, headers }: FastifyRequest, path: string): boolean {
  return method === 'GET' && !/^\/(api|-)\//.test(path) && (headers.accept ?? '').includes('text/html');
}

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>No such page – crowsnest</title>
<h1>No such page</h1><p><a href="/">crowsnest</a></p></html>
`;

/** The console where it is built: it says in its own frame that there is no such page. */
function sendPage(reply: FastifyReply, consoleFolder: string | undefined): FastifyReply {
  reply.code(404).type('text/html; charset=utf-8');
  return reply.send(consoleFolder === undefined ? PAGE : createReadStream(join(consoleFolder, 'index.html')));
}

/** Grafana falls back from POST to GET on 405, but not on 404. */
function methodsByPattern(
  routes: readonly DeclaredRoute[],
): (readonly [pattern: RegExp, methods: readonly string[]])[] {
  const methods = new Map<string, string[]>();
  for (const { url, method } of routes) if (!url.endsWith('*')) methods.set(url, [...(methods.get(url) ?? []), method]);
  return [...methods].map(([url, allowed]) => [
    new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`),
    allowed,
  ]);
}
