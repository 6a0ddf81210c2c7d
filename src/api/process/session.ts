import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from '../../lib/schema/schema.ts';
import { success } from '../answers/answer.ts';
import { ApiError } from '../answers/errors.ts';
import { type Credentials, callerWith, credentialsIn } from '../auth/callers.ts';
import { NOBODY, type Principal } from '../auth/principal.ts';
import { cookieHeader, cookieIn } from '../auth/sessions.ts';
import type { ApiContext } from '../context.ts';
import { documented } from '../openapi.ts';

const MAX_BODY = 16 * 1024;

const bodySchema = z.union([
  z.strictObject({ token: z.string().min(1) }),
  z.strictObject({ username: z.string().min(1), password: z.string() }),
]);

/** `/-/session`: who calls and what they may do, sign in, sign out. The cookie is for browsers; programs send `Authorization`. */
export function sessionRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get(
    '/-/session',
    { config: { permission: 'open' }, schema: documented('Who calls, and what they may do') },
    (request, reply) => success(reply.header('cache-control', 'no-store'), view(request.principal, context)),
  );

  app.post(
    '/-/session',
    {
      bodyLimit: MAX_BODY,
      config: { permission: 'open', audit: [] },
      schema: documented('Sign in with `{"token": …}` or `{"username": …, "password": …}`; sets a cookie'),
    },
    async (request, reply) => {
      if (context.callers.length === 0) throw new ApiError('bad_data', 'this server asks nobody to sign in');
      const caller = callerWith(context.callers, credentialsOf(request));
      const cookie = caller && context.sessions.open(caller);
      if (caller === undefined || cookie === undefined) {
        await app.countWrongCredentials(request, reply);
        request.log.warn({ from: request.ip }, 'a sign-in with wrong credentials');
        throw new ApiError('unauthorized', 'wrong token, or wrong user or password');
      }
      context.sessions.close(cookieIn(request.headers.cookie));
      request.principal = { ...caller.principal, via: 'session' };
      setCookie(request, reply, context, cookie);
      return success(reply, view(request.principal, context));
    },
  );

  app.delete(
    '/-/session',
    { config: { permission: 'open', audit: [] }, schema: documented('Sign out') },
    (request, reply) => {
      context.sessions.close(cookieIn(request.headers.cookie));
      setCookie(request, reply, context, '');
      return reply.code(204).send();
    },
  );
}

function setCookie(request: FastifyRequest, reply: FastifyReply, { config }: ApiContext, value: string): void {
  const secure = request.protocol === 'https' || config.external_url.startsWith('https:');
  reply.header('cache-control', 'no-store').header('set-cookie', cookieHeader(value, secure));
}

function view({ name, via, permissions, scope }: Principal, { callers }: ApiContext) {
  return {
    name,
    via,
    /** Whether this server asks for credentials at all. */
    asks: callers.length > 0,
    signedIn: callers.length > 0 && permissions !== NOBODY.permissions,
    permissions: [...permissions],
    scoped: scope !== undefined,
  };
}

function credentialsOf(request: FastifyRequest): Credentials {
  const { authorization } = request.headers;
  const { body } = request;
  if (authorization !== undefined && (body === undefined || body === null)) {
    const found = credentialsIn(authorization);
    if (found !== undefined) return found;
  }
  const given = bodySchema.safeParse(body instanceof URLSearchParams ? Object.fromEntries(body) : jsonOf(body));
  if (!given.success) throw new ApiError('bad_data', 'expected {"token": …} or {"username": …, "password": …}');
  const { data } = given;
  return 'token' in data
    ? { kind: 'token', token: data.token }
    : { kind: 'basic', username: data.username, password: data.password };
}

function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString() : '');
  } catch {
    return undefined;
  }
}
