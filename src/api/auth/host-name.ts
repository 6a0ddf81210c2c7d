import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../answers/errors.ts';
import type { ServerConfig } from '../config.ts';

/**
 * Refuses a request under a name that is not this machine's own: else a web page could let its own name point to 127.0.0.1
 * and read what is served here (DNS rebinding). An address needs no name service and cannot be made to point elsewhere.
 */
export function checkHostName(request: FastifyRequest, { external_url }: Pick<ServerConfig, 'external_url'>): void {
  const name = hostNameOf(request.headers.host ?? '');
  if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return;
  if (external_url !== '' && hostNameOf(new URL(external_url).host) === name) return;
  throw new ApiError('forbidden', `this server is not known as ${JSON.stringify(name)}; see server.external_url`);
}

/** The name or address of a `Host` header as it is compared: in lower case, without port, brackets and the root's dot. */
export function hostNameOf(host: string): string {
  const name = /^\[([^\]]*)\](?::\d*)?$/.exec(host)?.[1] ?? host.replace(/:\d*$/, '');
  return name.toLowerCase().replace(/\.$/, '');
}

export function isLoopbackName(name: string): boolean {
  const host = hostNameOf(name.includes(':') ? `[${name}]` : name);
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
