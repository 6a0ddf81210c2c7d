import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../answers/errors.ts';
import type { ApiContext } from '../context.ts';
import { callerWith, credentialsIn } from './callers.ts';
import { refuseForgery } from './cors.ts';
import { checkHostName } from './host-name.ts';
import { ANYBODY, NOBODY, type Permission, type Principal } from './principal.ts';
import { cookieIn } from './sessions.ts';

/** Wrong credentials that an address may try a minute. */
const WRONG_A_MINUTE = 60;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must be allowed to do. A route without it rejects every caller. */
    permission?: Permission;
    /** Parameters that the audit log shows of a write; present on every write but ingest. */
    audit?: readonly string[];
  }
  interface FastifyInstance {
    /** Counts a refused sign-in against the client's address. @throws {ApiError} 429 beyond its bound. */
    countWrongCredentials(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  }
}

/** Resolves who calls, once a request, and holds the request to the permission that its route declares. */
export function authorize(app: FastifyInstance, context: ApiContext): void {
  app.decorateRequest('principal');
  limitGuesses(app);
  app.addHook('onRequest', async (request, reply) => {
    const { config, callers } = context;
    if (callers.length === 0 && !config.insecure) checkHostName(request, config);
    request.principal = await identify(app, context, request, reply);
    const needed = permissionOf(request);
    if (request.principal.permissions.has(needed)) return;
    if (request.principal === NOBODY) {
      reply.header('www-authenticate', challenge(request));
      throw new ApiError('unauthorized', 'this server asks for a token or a user and password');
    }
    throw new ApiError('forbidden', refusal(request.principal, needed, request));
  });
  app.addHook('onSend', async (_, reply) => {
    // What is for one caller must not be kept for another.
    if (context.callers.length > 0 && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
}

/** Unknown paths outside the API answer a page to everybody: it holds no data. */
function permissionOf(request: FastifyRequest): Permission {
  if (request.is404) return request.url.startsWith('/api/') ? 'query' : 'open';
  return request.routeOptions.config.permission ?? 'admin';
}

function refusal({ name, scope }: Principal, needed: Permission, request: FastifyRequest): string {
  if (scope !== undefined || needed === 'system')
    return `${name} may not use ${request.routeOptions.url ?? request.url}`;
  return `${name} may not ${needed === 'query' || needed === 'logs' ? 'read' : needed}`;
}

async function identify(
  app: FastifyInstance,
  { callers, sessions, config }: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Principal> {
  if (callers.length === 0) return ANYBODY;
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined && authorization !== '') {
    const credentials = credentialsIn(authorization);
    const caller = credentials && callerWith(callers, credentials);
    if (caller !== undefined) return caller.principal;
    await app.countWrongCredentials(request, reply);
    return NOBODY;
  }
  const session = cookieIn(cookie);
  const principal = session === '' ? undefined : sessions.principal(session, callers);
  if (principal === undefined) return NOBODY;
  refuseForgery(request, config);
  return principal;
}

function limitGuesses(app: FastifyInstance): void {
  const count = app.createRateLimit({ max: WRONG_A_MINUTE, timeWindow: 60_000 });
  app.decorate('countWrongCredentials', async (request: FastifyRequest, reply: FastifyReply) => {
    const counted = await count(request);
    if (counted.isAllowed || !counted.isExceeded) return;
    reply.header('retry-after', counted.ttlInSeconds);
    throw new ApiError('too_many_requests', `too many wrong credentials, retry in ${counted.ttlInSeconds} s`);
  });
}

/** A browser would ask its person at each request of the console that is challenged with `Basic`. */
function challenge({ headers }: FastifyRequest): string {
  const browser = headers['sec-fetch-mode'] !== undefined || headers['user-agent']?.startsWith('Mozilla/') === true;
  const opens = headers['sec-fetch-mode'] === 'navigate' || headers.accept?.includes('text/html') === true;
  return browser && !opens ? 'Bearer realm="crowsnest"' : 'Basic realm="crowsnest", charset="UTF-8"';
}
