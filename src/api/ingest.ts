import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ByteBudget } from '../lib/byte-budget.ts';
import { ApiError, messageOf, wordOf } from './answers/errors.ts';
import { documented } from './openapi.ts';
import type { IngestAnswer, IngestRoute } from '../model/ingest.ts';
import type { ApiOptions } from './types.ts';

const KNOWN = ['/api/v1/write', '/api/v1/otlp/v1/metrics', '/api/v1/import/prometheus'];

/** Bytes of bodies that are being received or waited for over all routes; a body beyond is refused before it is read. */
const UNDER_WAY = 128 * 1024 * 1024;

/** Seconds after which a sender may try again. */
const RETRY_AFTER = '5';

/**
 * The routes by which others write to us. A caller needs the `write` right. A body is handed over as the bytes that came,
 * whatever its type: `curl --data-binary` calls everything a form.
 */
export function ingestRoutes(
  app: FastifyInstance,
  { ingest = [] }: ApiOptions,
  underWay = new ByteBudget(UNDER_WAY),
): void {
  void app.register((scope, _, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    for (const route of ingest) addRoute(scope, route, underWay);
    done();
  });
  const given = new Set(ingest.map(({ path }) => path));
  for (const path of KNOWN.filter((path) => !given.has(path))) {
    app.post(path, { schema: { hide: true } }, () => {
      throw new ApiError('unavailable', `this crowsnest does not take ${path}`);
    });
  }
}

function addRoute(app: FastifyInstance, route: IngestRoute, underWay: ByteBudget): void {
  const { path, summary, maxBody } = route;
  app.post(
    path,
    {
      bodyLimit: maxBody,
      config: { access: 'write', rateLimit: false },
      schema: documented(summary),
      // After the caller is known, before the body is read.
      preParsing: (request, reply, payload, done) => {
        reserve(underWay, maxBody, request, reply);
        done(null, payload);
      },
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

/** @throws {ApiError} 503 where the body does not fit beside those that are under way. */
function reserve(underWay: ByteBudget, maxBody: number, request: FastifyRequest, reply: FastifyReply): void {
  // Without a length it may be as long as it likes.
  const declared = Number(request.headers['content-length'] ?? maxBody);
  const release = underWay.tryTake(Math.min(maxBody, Number.isFinite(declared) ? declared : maxBody));
  if (release === undefined) {
    // The connection goes, and with it what is still to come of the body.
    reply.headers({ 'retry-after': RETRY_AFTER, connection: 'close' });
    throw new ApiError('unavailable', 'too much is being received at once; try again later', 503);
  }
  reply.raw.once('close', release);
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

const BUSY: readonly unknown[] = ['disk_full', 'busy', 'unavailable', 'closed'];

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
