import type { FastifyInstance } from 'fastify';
import { counter, gauge, histogram } from '../lib/metrics.ts';

const requests = counter('crowsnest_http_requests_total', 'Requests answered', ['handler', 'code']);

const durations = histogram(
  'crowsnest_http_request_duration_seconds',
  'Time from a request to the end of its answer',
  [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  ['handler'],
);

export const liveTails = gauge('crowsnest_http_live_tails', 'Live log tails that are open');

export const upstreamFailures = counter(
  'crowsnest_upstream_failures_total',
  'Requests that server.upstream gave no answer to, or refused this server, by reason',
  ['reason'],
);

export const unusableSecrets = counter(
  'crowsnest_auth_secret_files_unusable_total',
  'Times that the file of a token or password became empty, lost or unreadable',
);

export const refusedBodies = counter(
  'crowsnest_http_bodies_refused_total',
  'Request bodies that were not read to their end, by reason',
  ['reason'],
);

/** Counts by the route's pattern, never by the URL, of which there are without end. */
export function countRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const handler = request.routeOptions.url ?? 'unknown';
    requests.inc({ handler, code: String(reply.statusCode) });
    if (handler.endsWith('/tail')) return;
    durations.observe({ handler }, reply.elapsedTime / 1000);
  });
}
