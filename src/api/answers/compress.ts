import { Readable, type Transform } from 'node:stream';
import zlib from 'node:zlib';
import type { FastifyInstance } from 'fastify';

declare module 'node:zlib' {
  /** Absent before Node 22.15. */
  export const createZstdCompress:
    ((options: { chunkSize: number; params: Record<number, number> }) => Transform) | undefined;
}

/** Compressing shorter answers does not pay. */
const WORTH_IT = 1024;

const CHUNK = 64 * 1024;

// The text of numbers shrinks most of its way at the cheapest levels. Zstandard does it in a third of gzip's time.
const ZSTD_LEVEL = 100;
const COMPRESSORS: readonly (readonly [encoding: string, create: () => Transform])[] = [
  ...zstd(zlib.createZstdCompress),
  ['gzip', () => zlib.createGzip({ level: 1, chunkSize: CHUNK })],
];

function zstd(create: typeof zlib.createZstdCompress): typeof COMPRESSORS {
  if (create === undefined) return [];
  return [['zstd', () => create({ chunkSize: CHUNK, params: { [ZSTD_LEVEL]: 1 } })]];
}

/** Answers in zstd or gzip where the client takes it. The work is done off the main thread, piece by piece. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    reply.header('vary', 'Accept-Encoding, Origin');
    if (reply.hasHeader('content-encoding') || !isText(String(reply.getHeader('content-type') ?? ''))) return payload;
    const whole = typeof payload === 'string' || Buffer.isBuffer(payload);
    if (!whole && !(payload instanceof Readable)) return payload;
    if (request.method === 'HEAD' || (whole && payload.length < WORTH_IT)) return payload;
    const encoding = bestEncoding(request.headers['accept-encoding'] ?? '', ENCODINGS);
    const create = COMPRESSORS.find(([name]) => name === encoding)?.[1];
    if (encoding === undefined || create === undefined) return payload;
    reply.header('content-encoding', encoding).removeHeader('content-length');
    return compressed(whole ? Readable.from([payload]) : payload, create());
  });
}

const ENCODINGS = COMPRESSORS.map(([name]) => name);

function compressed(source: Readable, target: Transform): Transform {
  source.on('error', (error) => target.destroy(error));
  target.on('close', () => source.destroy());
  return source.pipe(target);
}

/**
 * The one of `offered` that an `Accept-Encoding` likes best, the earlier of two that it likes alike; undefined where it
 * likes none, or no encoding better. Source: RFC 9110, section 12.5.3.
 */
export function bestEncoding(accepted: string, offered: readonly string[]): string | undefined {
  const weights = new Map(accepted.split(',').map(weightOf));
  const weight = (name: string) => weights.get(name) ?? weights.get('*') ?? 0;
  const plain = weights.get('identity') ?? 0;
  let best: string | undefined;
  for (const name of offered)
    if (weight(name) > 0 && weight(name) >= plain && (best === undefined || weight(name) > weight(best))) best = name;
  return best;
}

function weightOf(part: string): [name: string, weight: number] {
  const [name, ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
  const q = parameters.find((word) => word.startsWith('q='));
  return [name, q === undefined ? 1 : Number(q.slice(2)) || 0];
}

/** Streams of events are written line by line and must not wait in a compressor. */
function isText(type: string): boolean {
  return /^(application\/(json|javascript|manifest\+json|yaml)|text\/(?!event-stream)|image\/svg)/.test(type);
}
