import { promisify } from 'node:util';
import { Readable, type Transform } from 'node:stream';
import zlib from 'node:zlib';
import type { FastifyInstance } from 'fastify';

/** Shorter answers are not worth the work. */
const WORTH_IT = 1024;

const gzip = promisify(zlib.gzip);

/** Answers in gzip where the client takes it; on large answers the work is done off the main thread, piece by piece. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    reply.header('vary', 'Accept-Encoding, Origin');
    if (!takesGzip(request.headers['accept-encoding']) || reply.hasHeader('content-encoding')) return payload;
    if (!isText(String(reply.getHeader('content-type') ?? ''))) return payload;
    if (typeof payload === 'string' && payload.length >= WORTH_IT) {
      reply.header('content-encoding', 'gzip').removeHeader('content-length');
      return gzip(payload, LEVEL);
    }
    if (payload instanceof Readable && request.method !== 'HEAD' && reply.statusCode === 200) {
      reply.header('content-encoding', 'gzip').removeHeader('content-length');
      return compressed(payload);
    }
    return payload;
  });
}

// The text of numbers shrinks tenfold at the cheapest level already.
const LEVEL = { level: 1 };

function compressed(source: Readable): Transform {
  const target = zlib.createGzip(LEVEL);
  source.on('error', (error) => target.destroy(error));
  target.on('close', () => source.destroy());
  return source.pipe(target);
}

function takesGzip(header: string | undefined): boolean {
  return (header ?? '')
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .some((part) => /^(gzip|\*)(;|$)/.test(part) && !/;\s*q=0(\.0*)?$/.test(part));
}

/** Streams of events are written line by line and must not wait in a compressor. */
function isText(type: string): boolean {
  return /^(application\/(json|javascript|manifest\+json|yaml)|text\/(?!event-stream)|image\/svg)/.test(type);
}
