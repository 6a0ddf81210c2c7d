import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Reloadable } from '../lib/lifecycle/reload.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import { isLoopbackName } from '../lib/host-name.ts';
import type { ServerConfig } from './config.ts';

export interface Server extends Service, Reloadable<ServerConfig> {
  /** `http://127.0.0.1:9780`; '' while it does not listen. */
  readonly url: string;
}

/**
 * Listens for an app.
 * @throws {Error} at start, where it would be open to others without asking who they are.
 */
export function createServer(app: FastifyInstance, config: ServerConfig): Server {
  const { host, port } = splitAddress(config.listen);
  let url = '';
  let current = config;
  let closing = false;
  // A client that keeps its connection would hold `close` for the whole keep-alive time; told so, it closes it.
  app.addHook('onSend', async (_, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  app.addHook('onRequest', async (_, reply) => {
    if (closing) reply.header('connection', 'close');
  });

  return {
    name: 'api',
    get url() {
      return url;
    },
    async prepare(next) {
      refuseOpenListen(next);
      const change = app.prepareConfig(next);
      return {
        commit() {
          change.commit();
          current = next;
        },
      };
    },
    async start() {
      refuseOpenListen(config);
      await app.listen({ host, port });
      const address = app.server.address() as AddressInfo;
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      url = `http://${name}:${address.port}`;
    },
    async stop() {
      closing = true;
      url = '';
      const cutOff = setTimeout(() => app.server.closeAllConnections(), current.stop_timeout);
      app.server.closeIdleConnections();
      await app.close();
      clearTimeout(cutOff);
    },
  };
}

/** @throws {Error} for an address that other machines reach where no caller has to say who they are. */
export function refuseOpenListen({ auth, tenants, insecure, listen }: ServerConfig): void {
  if (
    isLoopbackName(splitAddress(listen).host) ||
    insecure ||
    auth.tokens.length + auth.users.length + tenants.length > 0
  )
    return;
  throw new Error(
    `server.listen ${listen} is open to other machines: set server.auth, or server.insecure: true if everybody may read and write`,
  );
}

/** `[::1]:80` and `:80` (every address) alike. */
export function splitAddress(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host: host === '' ? '0.0.0.0' : host, port: Number(listen.slice(colon + 1)) };
}
