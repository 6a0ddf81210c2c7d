import type { FastifyRequest } from 'fastify';
import { hostNameOf, isOwnHostName } from '../../lib/host-name.ts';
import { ApiError } from '../answers/errors.ts';
import type { ServerConfig } from '../config.ts';

/** Refuses a request under a name that is not this machine's own. @throws {ApiError} 403 */
export function checkHostName(request: FastifyRequest, { external_url }: Pick<ServerConfig, 'external_url'>): void {
  const host = request.headers.host ?? '';
  if (isOwnHostName(host, external_url)) return;
  const name = JSON.stringify(hostNameOf(host));
  throw new ApiError('forbidden', `this server is not known as ${name}; see server.external_url`);
}
