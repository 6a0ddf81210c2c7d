import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Service } from '../lib/lifecycle/run-group.ts';

export interface PlainServer extends Service {
  /** `http://127.0.0.1:9780`; '' before the start. */
  readonly url: string;
}

/** A scraper and the kubelet need a handful; a slow or lost client holds one for `requestTimeout`. */
const MAX_CONNECTIONS = 100;

export interface PlainServerOptions {
  readonly name: string;
  /** `host:port` */
  readonly listen: string;
  readonly answer: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>;
}

/** Listens with node:http alone, for processes that load no framework. An `answer` that fails is a bad request. */
export function createPlainServer({ name, listen, answer }: PlainServerOptions): PlainServer {
  const server = http.createServer(
    { connectionsCheckingInterval: 2000 },
    (request, response) =>
      void answer(request, response).catch(() => {
        // A request line that is no URL.
        if (!response.headersSent) response.writeHead(400);
        response.end();
      }),
  );
  server.headersTimeout = 5000;
  server.requestTimeout = 10_000;
  server.maxConnections = MAX_CONNECTIONS;
  let url = '';
  return {
    name,
    get url() {
      return url;
    },
    async start() {
      const colon = listen.lastIndexOf(':');
      const host = listen.slice(0, colon).replace(/^\[|\]$/g, '');
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(Number(listen.slice(colon + 1)), host === '' ? '0.0.0.0' : host, resolve);
      });
      const { address, port, family } = server.address() as AddressInfo;
      url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
