import type { FastifyInstance } from 'fastify';
import { ApiError, messageOf, wordOf } from './answers/errors.ts';
import { documented } from './openapi.ts';
import type { IngestAnswer, IngestRoute } from '../model/ingest.ts';
import type { ApiOptions } from './types.ts';

const KNOWN = ['/api/v1/write', '/api/v1/otlp/v1/metrics', '/api/v1/import/prometheus'];

/** The routes by which others write to us. A caller needs the `write` right. */
export function ingestRoutes(app: FastifyInstance, { ingest = [] }: ApiOptions): void {
  for (const route of ingest) {
    const { path, summary, maxBody } = route;
    app.post(
      path,
      { bodyLimit: maxBody, config: { access: 'write', rateLimit: false }, schema: documented(summary) },
      async (request, reply) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const answer = await take(route, body, plainHeaders(request.headers));
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

/** A store that cannot write now is 503, upon which senders keep what they have and try again. */
async function take(route: IngestRoute, body: Buffer, headers: ReturnType<typeof plainHeaders>): Promise<IngestAnswer> {
  try {
    return await route.handle(body, headers);
  } catch (error) {
    if (BUSY.includes(wordOf(error))) throw new ApiError('unavailable', messageOf(error), 503);
    throw error;
  }
}

const BUSY: readonly unknown[] = ['disk_full', 'unavailable', 'closed'];

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
