import { createHash, timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readSecretFile } from '../lib/schema.ts';
import type { ServerConfig } from './config.ts';
import { ApiError } from './errors.ts';

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
export function accessControl(app: FastifyInstance, config: ServerConfig): void {
  const callers = callersOf(config);
  if (callers.length === 0) {
    if (!config.insecure) app.addHook('onRequest', async (request) => checkName(request, config));
    return;
  }
  app.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.config;
    if (route.open) return;
    const needed = route.access ?? 'read';
    const secret = request.headers.authorization ?? '';
    const caller = callers.find((one) => one.matches(secret));
    if (caller === undefined) {
      reply.header('www-authenticate', 'Basic realm="crowsnest", charset="UTF-8"');
      throw new ApiError('unauthorized', 'this server asks for a token or a user and password');
    }
    if (!caller.access.includes(needed) && !caller.access.includes('admin'))
      throw new ApiError('forbidden', `${caller.name} may not ${needed}`);
  });
}

interface Caller {
  readonly name: string;
  readonly access: readonly Access[];
  matches(authorization: string): boolean;
}

function callersOf({ auth }: ServerConfig): Caller[] {
  const tokens = auth.tokens.map(({ file, access }): Caller => {
    const token = watched(file);
    return { name: 'this token', access, matches: (given) => same(given, `Bearer ${token()}`) };
  });
  const users = auth.users.map(({ username, password_file: file, access }): Caller => {
    const password = watched(file);
    const expected = () => `Basic ${Buffer.from(`${username}:${password()}`).toString('base64')}`;
    return { name: username, access, matches: (given) => same(given, expected()) };
  });
  return [...tokens, ...users];
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
