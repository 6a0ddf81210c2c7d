import type http from 'node:http';
import type { ServerConfig } from '../api/config.ts';
import { isOwnHostName } from '../lib/host-name.ts';
import { registry } from '../lib/metrics.ts';
import { type AnswerProbe, probeRequest } from '../model/probe.ts';
import { type Refusal, refusalOf } from './agent-access.ts';
import { type PlainServer, createPlainServer } from './plain-server.ts';

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
export function createAgentPage(options: AgentPageOptions): PlainServer {
  return createPlainServer({
    name: 'agent page',
    listen: options.server().listen,
    answer: (request, response) => answer(request, response, options),
  });
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
