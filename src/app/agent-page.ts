import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { registry } from '../lib/metrics.ts';
import type { Service } from '../lib/run-group.ts';

export interface AgentPage extends Service {
  readonly url: string;
}

/** A scraper and the kubelet need a handful; a slow or lost client holds one for `requestTimeout`. */
const MAX_CONNECTIONS = 100;

/**
 * What an agent serves: its health for the kubelet, its own metrics. Plain node:http, for the agent loads no framework, and
 * open to whoever reaches it, for there is nothing to read or change here but counters.
 */
export function createAgentPage(listen: string): AgentPage {
  const server = http.createServer(
    { connectionsCheckingInterval: 2000 },
    (request, response) => void answer(request.url ?? '/', response),
  );
  server.headersTimeout = 5000;
  server.requestTimeout = 10_000;
  server.maxConnections = MAX_CONNECTIONS;
  let url = '';
  return {
    name: 'agent page',
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

async function answer(path: string, response: http.ServerResponse): Promise<void> {
  switch (path.split('?')[0]) {
    case '/-/healthy':
    case '/-/ready':
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
      return;
    case '/metrics':
      response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
      return;
    default:
      response
        .writeHead(404, { 'content-type': 'text/plain' })
        .end('an agent serves /metrics, /-/healthy and /-/ready\n');
  }
}
