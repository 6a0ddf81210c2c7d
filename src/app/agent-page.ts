import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerConfig } from '../api/config.ts';
import { isOwnHostName } from '../lib/host-name.ts';
import { registry } from '../lib/metrics.ts';
import type { Service } from '../lib/run-group.ts';
import { type AnswerProbe, probeRequest } from '../model/probe.ts';
import { type Refusal, refusalOf } from './agent-access.ts';

export interface AgentPage extends Service {
  readonly url: string;
}

/** A scraper and the kubelet need a handful; a slow or lost client holds one for `requestTimeout`. */
const MAX_CONNECTIONS = 100;

/** Returns the `data` of Prometheus' envelope. */
type View = (params: URLSearchParams) => unknown;

export interface AgentPageOptions {
  /** Section `server` of the configuration that runs. */
  readonly server: () => ServerConfig;
  readonly probe: AnswerProbe;
  /** By path. */
  readonly views: Readonly<Record<string, View>>;
}

/**
 * What an agent serves: its health for the kubelet, its own metrics, and its targets, files and status as JSON. Plain
 * node:http, because the agent loads no framework. Health and counters are open to every caller; the rest is not, as targets
 * and paths tell about the machine: see `refusalOf`.
 */
export function createAgentPage(options: AgentPageOptions): AgentPage {
  const { listen } = options.server();
  const server = http.createServer(
    { connectionsCheckingInterval: 2000 },
    (request, response) =>
      void answer(request, response, options).catch(() => {
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

async function answer(request: http.IncomingMessage, response: http.ServerResponse, options: AgentPageOptions) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://agent');
  switch (pathname) {
    case '/-/healthy':
    case '/-/ready':
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
      return;
    case '/metrics':
      response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
      return;
  }
  const view = pathname === '/probe' ? undefined : options.views[pathname];
  if (view === undefined && pathname !== '/probe') {
    const served = Object.keys(options.views).join(', ');
    const error = `an agent serves /metrics, /-/healthy, /-/ready, /probe, ${served}; ask the server that it ships to for the rest`;
    sendJson(response, 404, { status: 'error', errorType: 'not_found', error });
    return;
  }
  const refusal = refuse(request, options.server());
  if (refusal !== undefined)
    return sendJson(response, refusal.status, { status: 'error', errorType: 'forbidden', error: refusal.message });
  if (view !== undefined) return sendJson(response, 200, { status: 'success', data: view(searchParams) });
  const { status, text } = await options.probe(probeRequest(searchParams, request.headers));
  response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
}

function refuse(
  { method, headers }: http.IncomingMessage,
  server: ServerConfig,
): Refusal | { status: 405; message: string } | undefined {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, message: 'an agent is only looked at: GET' };
  if (!isOwnHostName(headers.host ?? '', server.external_url))
    return {
      status: 403,
      message: `this agent is not known as ${JSON.stringify(headers.host)}; see server.external_url`,
    };
  return refusalOf(headers.authorization, server);
}

function sendJson(response: http.ServerResponse, status: number, body: unknown): void {
  const headers = { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' };
  response.writeHead(status, { ...headers, ...(status === 401 && { 'www-authenticate': 'Bearer, Basic' }) });
  response.end(JSON.stringify(body));
}
