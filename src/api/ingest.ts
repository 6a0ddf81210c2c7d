import type { FastifyInstance } from 'fastify';
import type { IngestAnswer, IngestRoute } from '../model/ingest.ts';
import { ApiError, wordOf } from './answers/errors.ts';
import type { ApiContext } from './context.ts';
import { documented } from './openapi.ts';

const KNOWN = ['/api/v1/write', '/api/v1/otlp/v1/metrics', '/api/v1/import/prometheus'];

/**
 * The routes by which others write to us. A caller needs the `write` right. A body is handed over as the bytes that came,
 * whatever its type: `curl --data-binary` calls everything a form.
 */
export function ingestRoutes(app: FastifyInstance, { options: { ingest = [] } }: ApiContext): void {
  for (const route of ingest) {
    const { path, summary, maxBody } = route;
    app.post(
      path,
      {
        bodyLimit: maxBody,
        config: { permission: 'write', rateLimit: false, rawBody: true },
        schema: documented(summary),
      },
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
    app.post(path, { config: { permission: 'write' }, schema: { hide: true } }, () => {
      throw new ApiError('unavailable', `this crowsnest does not take ${path}`);
    });
  }
}

/** A store that cannot write now is 503, upon which senders keep what they have and try again. */
async function take(route: IngestRoute, body: Buffer, headers: ReturnType<typeof plainHeaders>): Promise<IngestAnswer> {
  try {
    return await route.handle(body, headers);
  } catch (error) {
    const reason = wordOf(error);
    if (typeof reason === 'string' && Object.hasOwn(BUSY, reason))
      throw new ApiError('unavailable', BUSY[reason], 503, { cause: error, retryAfter: RETRY_AFTER });
    throw error;
  }
}

/** By the store's reason. Its own message names folders, which are not for senders. */
const BUSY: Readonly<Record<string, string>> = {
  disk_full: 'no space left on the disk of the store',
  busy: 'the store is busy',
  unavailable: 'the store cannot write now',
  closed: 'the store is closed',
};

/** Seconds. */
const RETRY_AFTER = 5;

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
