import { createHash, timingSafeEqual } from 'node:crypto';
import type http from 'node:http';
import type { ServerConfig } from '../api/config.ts';
import type { Cluster } from '../cluster/index.ts';
import { isOwnHostName } from '../lib/host-name.ts';
import { registry } from '../lib/metrics.ts';
import { TimeSlice } from '../lib/time/time-slice.ts';
import { type Refusal, refusalOf } from './agent-access.ts';
import { type PlainServer, createPlainServer } from './plain-server.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

export interface ClusterPageOptions {
  readonly server: ServerConfig;
  readonly cluster: Cluster;
  /** With it this process reads its own page, whoever else may. */
  readonly ownToken: string;
}

/**
 * What `cluster` serves: `/metrics/kube-state`, its own `/metrics`, `/-/healthy` and `/-/ready`. Health and own counters are
 * open to every caller; the objects of the cluster are not: see `refusalOf`.
 */
export function createClusterPage(options: ClusterPageOptions): PlainServer {
  return createPlainServer({
    name: 'cluster page',
    listen: options.server.listen,
    answer: (request, response) => answer(request, response, options),
  });
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { server, cluster, ownToken }: ClusterPageOptions,
): Promise<void> {
  const say = (status: number, text: string) =>
    response
      .writeHead(status, {
        'content-type': 'text/plain; charset=utf-8',
        ...(status === 401 && { 'www-authenticate': 'Bearer, Basic' }),
      })
      .end(`${text}\n`);
  if (request.method !== 'GET' && request.method !== 'HEAD') return void say(405, 'expected GET');
  const { pathname } = new URL(request.url ?? '/', 'http://cluster');
  switch (pathname) {
    case '/-/healthy': {
      const { healthy, why } = cluster.healthy();
      return void (healthy ? say(200, 'crowsnest cluster is healthy.') : say(503, why));
    }
    case '/-/ready': {
      const { ready, why } = cluster.ready();
      return void (ready ? say(200, 'crowsnest cluster is ready.') : say(503, why));
    }
    case '/metrics':
      response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
      return;
    case '/metrics/kube-state': {
      const refusal = isSame(request.headers.authorization, `Bearer ${ownToken}`) ? undefined : refuse(request, server);
      if (refusal !== undefined) return void say(refusal.status, refusal.message);
      response.writeHead(200, { 'content-type': TEXT });
      if (request.method === 'HEAD') return void response.end();
      return sendPage(cluster.page(), response);
    }
    default:
      say(404, 'cluster serves /metrics/kube-state, /metrics, /-/healthy and /-/ready');
  }
}

function refuse({ headers }: http.IncomingMessage, server: ServerConfig): Refusal | undefined {
  if (!isOwnHostName(headers.host ?? '', server.external_url))
    return { status: 403, message: `not known as ${JSON.stringify(headers.host)}; see server.external_url` };
  return refusalOf(headers.authorization, server);
}

function isSame(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(expected));
}

/** Goes no faster than the client reads, and lets all else go on between two pieces. */
async function sendPage(page: Generator<Buffer>, response: http.ServerResponse): Promise<void> {
  const slice = new TimeSlice();
  for (const piece of page) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
    if (slice.due) await slice.pause();
  }
  response.end();
}

function drained(response: http.ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}
