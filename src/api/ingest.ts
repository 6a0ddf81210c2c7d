import type { FastifyInstance } from 'fastify';
import { ApiError } from './errors.ts';
import { documented } from './openapi.ts';
import type { ApiOptions } from './types.ts';

const KNOWN = ['/api/v1/write', '/api/v1/otlp/v1/metrics', '/api/v1/import/prometheus'];

/** The given doors in. A caller needs the `write` right. */
export function ingestRoutes(app: FastifyInstance, { ingest = [] }: ApiOptions): void {
  for (const route of ingest) {
    const { path, summary, maxBody } = route;
    app.post(
      path,
      { bodyLimit: maxBody, config: { access: 'write', rateLimit: false }, schema: documented(summary) },
      async (request, reply) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const answer = await route.handle(body, plainHeaders(request.headers));
        return reply
          .code(answer.status)
          .headers(answer.headers ?? {})
          .send(answer.body ?? '');
      },
    );
  }
  const given = new Set(ingest.map(({ path }) => path));
  for (const path of KNOWN.filter((path) => !given.has(path))) {
    app.post(path, { schema: { hide: true } }, () => {
      throw new ApiError('unavailable', `this crowsnest does not take ${path}`);
    });
  }
}

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
