import { createHash, timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readSecretFile } from '../../lib/schema.ts';
import type { ServerConfig } from '../config.ts';
import { ApiError } from '../answers/errors.ts';
import type { Tenant } from '../scope/tenants.ts';

/** Wrong credentials that an address may try a minute. */
const WRONG_A_MINUTE = 60;

type Access = ServerConfig['auth']['tokens'][number]['access'][number];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller must be allowed to use the route; `read` where it is not said. */
    access?: Access;
    /** Open to everybody: probes have no credentials. */
    open?: boolean;
  }
}

/**
 * Holds each request to what its token or user may do. With nobody configured all may do all, but only under a name
 * that is this machine's own: else a web page could make a name point to 127.0.0.1 and read us (DNS rebinding).
 */
export function accessControl(app: FastifyInstance, config: ServerConfig, tenants: readonly Tenant[]): void {
  const callers = [...callersOf(config), ...tenants.map(callerOf)];
  if (callers.length === 0) {
    if (!config.insecure) app.addHook('onRequest', async (request) => checkName(request, config));
    return;
  }
  const countWrong = app.createRateLimit({ max: WRONG_A_MINUTE, timeWindow: 60_000 });
  app.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.config;
    if (route.open) return;
    const needed = route.access ?? 'read';
    const secret = request.headers.authorization ?? '';
    const caller = callers.find((one) => one.matches(secret));
    if (caller === undefined) {
      const count = secret === '' ? undefined : await countWrong(request);
      if (count?.isAllowed === false && count.isExceeded) {
        reply.header('retry-after', count.ttlInSeconds);
        throw new ApiError('too_many_requests', `too many wrong credentials, retry in ${count.ttlInSeconds} s`);
      }
      reply.header('www-authenticate', 'Basic realm="crowsnest", charset="UTF-8"');
      throw new ApiError('unauthorized', 'this server asks for a token or a user and password');
    }
    if (caller.tenant !== undefined) return caller.tenant.enter(request, reply);
    if (!caller.access.includes(needed) && !caller.access.includes('admin'))
      throw new ApiError('forbidden', `${caller.name} may not ${needed}`);
  });
}

interface Caller {
  readonly name: string;
  readonly access: readonly Access[];
  /** Serves the request itself. */
  readonly tenant?: Tenant;
  matches(authorization: string): boolean;
}

function callersOf({ auth }: ServerConfig): Caller[] {
  const tokens = auth.tokens.map(({ file, access }): Caller => {
    return { name: 'this token', access, matches: tokenIn(file) };
  });
  const users = auth.users.map(({ username, password_file: file, access }): Caller => {
    return { name: username, access, matches: passwordIn(username, file) };
  });
  return [...tokens, ...users];
}

function callerOf(tenant: Tenant): Caller {
  const { name, token_file, username, password_file } = tenant.config;
  const tests = [
    ...(token_file === undefined ? [] : [tokenIn(token_file)]),
    ...(username === undefined || password_file === undefined ? [] : [passwordIn(username, password_file)]),
  ];
  return { name, access: ['read'], tenant, matches: (given) => tests.some((test) => test(given)) };
}

function tokenIn(file: string): Caller['matches'] {
  const token = watched(file);
  return (given) => same(given, `Bearer ${token()}`);
}

function passwordIn(username: string, file: string): Caller['matches'] {
  const password = watched(file);
  return (given) => same(given, `Basic ${Buffer.from(`${username}:${password()}`).toString('base64')}`);
}

/** The secret in a file, read again when the file has changed. An empty or lost file lets nobody in. */
function watched(file: string): () => string {
  let changed = Number.NaN;
  let secret = readSecretFile(file);
  return () => {
    const { mtimeMs } = statSync(file);
    if (mtimeMs !== changed) {
      secret = readSecretFile(file);
      changed = mtimeMs;
    }
    if (secret === '') throw new ApiError('unauthorized', 'the secret of this server is empty');
    return secret;
  };
}

/** Takes the same time whatever the difference; digests have equal lengths. */
function same(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function checkName(request: FastifyRequest, config: ServerConfig): void {
  const name = request.hostname.replace(/^\[|\]$/g, '');
  if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return;
  if (config.external_url !== '' && new URL(config.external_url).hostname === name) return;
  throw new ApiError('forbidden', `this server is not known as ${JSON.stringify(name)}; see server.external_url`);
}
