import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ByteBudget } from '../../lib/byte-budget.ts';
import { ApiError } from '../answers/errors.ts';
import type { ApiContext } from '../context.ts';
import { refusedBodies } from '../metrics.ts';

/** Seconds after which a sender that was refused may try again. */
const RETRY_AFTER = 5;

/**
 * Bounds the bytes of bodies over all connections: each counts with its whole length from before it is read until its answer
 * is sent. A body that does not come within `server.body_timeout` ends its connection, so that many slow senders hold
 * `server.max_body_bytes` for that time at most.
 */
export function limitBodies(app: FastifyInstance, context: ApiContext): void {
  const underWay = new ByteBudget(context.config.max_body_bytes);
  app.addHook('preParsing', async (request, reply, payload) => {
    const bytes = bytesOf(request);
    if (bytes === 0) return payload;
    const release = underWay.tryTake(bytes);
    if (release === undefined) throw refuse(reply, 'too_many_bytes');
    reply.raw.once('close', release);
    limitTime(reply, payload, context.config.body_timeout);
    return payload;
  });
}

/** What a body may come to; 0 for none, and for one that Fastify refuses by its length without reading it. */
function bytesOf({ headers, routeOptions: { bodyLimit } }: FastifyRequest): number {
  const declared = headers['content-length'];
  // Without a length it may be as long as the route takes.
  if (declared === undefined) return headers['transfer-encoding'] === undefined ? 0 : bodyLimit;
  return Number(declared) > bodyLimit ? 0 : Number(declared);
}

/** The connection goes with the answer, and with it what is still to come of the body. */
function refuse(reply: FastifyReply, reason: keyof typeof REFUSALS): ApiError {
  refusedBodies.inc({ reason });
  reply.header('connection', 'close');
  return REFUSALS[reason]();
}

const REFUSALS = {
  too_many_bytes: () =>
    new ApiError('unavailable', 'too many bytes of bodies are under way; see server.max_body_bytes', 503, {
      retryAfter: RETRY_AFTER,
    }),
  too_slow: () => new ApiError('timeout', 'the body did not come in time; see server.body_timeout', 408),
};

function limitTime(reply: FastifyReply, payload: Readable, timeout: number): void {
  const timer = setTimeout(() => payload.emit('error', refuse(reply, 'too_slow')), timeout);
  const stop = () => clearTimeout(timer);
  payload.once('end', stop);
  payload.once('error', stop);
  payload.once('close', stop);
}
