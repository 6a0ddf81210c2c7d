import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { accessControl } from './auth/authorize.ts';
import { failure } from './answers/answer.ts';
import { compressAnswers } from './answers/compress.ts';
import { consolePages } from './console-pages.ts';
import { cors } from './auth/cors.ts';
import { activityRoutes } from './crowsnest/activity.ts';
import { logRoutes } from './crowsnest/logs.ts';
import { ApiError, messageOf } from './answers/errors.ts';
import { healthRoutes } from './health.ts';
import { ingestRoutes } from './ingest.ts';
import { countRequests } from './metrics.ts';
import { openApi } from './openapi.ts';
import { adminRoutes } from './prometheus/admin.ts';
import { federateRoute } from './prometheus/federate.ts';
import { languageRoutes, queryRoutes } from './prometheus/query.ts';
import { remoteReadRoute } from './prometheus/remote-read.ts';
import { ruleRoutes } from './prometheus/rules.ts';
import { seriesRoutes } from './prometheus/series.ts';
import { statusRoutes } from './prometheus/status.ts';
import { targetRoutes } from './prometheus/targets.ts';
import { createTenants } from './scope/tenants.ts';
import type { ApiOptions } from './types.ts';
import { upstreamRoutes } from './upstream/routes.ts';
import { createUpstream } from './upstream/upstream.ts';

/** Bytes of a form or any other body that is not ingest. */
const MAX_FORM = 4 * 1024 * 1024;

/** Bytes of a URL and its headers: a GET may carry a long query, and Node's own 16 KiB end too soon. */
const MAX_HEADER = 256 * 1024;

/**
 * The whole HTTP side over given functions, not yet listening: see `createServer`. Routes whose function is absent
 * answer 501.
 */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const logger: FastifyBaseLogger | undefined = options.logger;
  const app = fastify({
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestId(request.headers['x-request-id']),
    bodyLimit: MAX_FORM,
    http: { maxHeaderSize: MAX_HEADER },
    routerOptions: { maxParamLength: 4096, ignoreTrailingSlash: false },
    forceCloseConnections: false,
    // What the router itself refuses, such as `%zz` in a path, comes in the same envelope.
    frameworkErrors: (error, _, reply) =>
      void failure(reply, new ApiError('bad_data', error.message, error.statusCode)),
  });
  readBodies(app);
  answerFailures(app);
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  countRequests(app);
  await app.register(helmet, { contentSecurityPolicy: POLICY, strictTransportSecurity: false });
  cors(app, options.config);
  const tenants = await createTenants(options, createApi);
  // Before the connections are waited for: a tenant's live tail holds one until its own app closes.
  for (const tenant of tenants) app.addHook('preClose', () => tenant.close());
  await limitRate(app, options.config.requests_per_minute);
  accessControl(app, options.config, tenants);
  compressAnswers(app);
  nameJsonPlainly(app);
  const methods = rememberMethods(app);
  await openApi(app, options.status?.().version ?? '', tenants.length > 0 || isGuarded(options));

  healthRoutes(app, options);
  languageRoutes(app, options);
  if (options.config.upstream === undefined) storeRoutes(app, options);
  else upstreamRoutes(app, options, createUpstream(options.config.upstream, options.logger));
  targetRoutes(app, options);
  statusRoutes(app, options);
  adminRoutes(app, options);
  ingestRoutes(app, options);
  logRoutes(app, options);
  activityRoutes(app, options);
  await consolePages(app, options);
  answerUnknown(app, methods);
  return app;
}

function isGuarded({ config: { auth }, tenant }: ApiOptions): boolean {
  return tenant !== undefined || auth.tokens.length + auth.users.length > 0;
}

/** What the embedded store, and the rules over it, answer. */
function storeRoutes(app: FastifyInstance, options: ApiOptions): void {
  queryRoutes(app, options);
  seriesRoutes(app, options);
  ruleRoutes(app, options);
  federateRoute(app, options);
  remoteReadRoute(app, options);
}

/** Only what this server itself sends is run or loaded; the console has no inline script and no third party. */
const POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/** The caller's id where it is a plain word, so that a request can be followed through several programs. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
}

function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ApiError) return failure(reply, error);
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    if (status === 429) return failure(reply, new ApiError('too_many_requests', messageOf(error)));
    if (status >= 400 && status < 500) return failure(reply, new ApiError('bad_data', messageOf(error), status));
    request.log.error({ err: error, url: request.url }, 'request failed');
    return failure(reply, new ApiError('internal', messageOf(error)));
  });
}

/** Fastify adds a charset, which JSON has none of (RFC 8259); Prometheus says it without, and clients compare. */
function nameJsonPlainly(app: FastifyInstance): void {
  app.addHook('onSend', async (_, reply) => {
    if (reply.getHeader('content-type') === 'application/json; charset=utf-8') reply.type('application/json');
  });
}

async function limitRate(app: FastifyInstance, perMinute: number): Promise<void> {
  await app.register(rateLimit, { global: perMinute > 0, max: perMinute, timeWindow: 60_000, cache: 10_000 });
}

/** Which methods stand for each pattern of a URL; Grafana falls back from POST to GET on 405, but not on 404. */
function rememberMethods(app: FastifyInstance): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  app.addHook('onRoute', ({ url, method }) => {
    if (!url.endsWith('*')) methods.set(url, [...(methods.get(url) ?? []), method].flat());
  });
  return methods;
}

function answerUnknown(app: FastifyInstance, methods: ReadonlyMap<string, readonly string[]>): void {
  const patterns = [...methods].map(
    ([url, allowed]) => [new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`), allowed] as const,
  );
  app.setNotFoundHandler((request, reply) => {
    const [path] = request.url.split('?', 1);
    const known = patterns.find(([pattern]) => pattern.test(path));
    if (known === undefined) return failure(reply, new ApiError('not_found', `no such page: ${path}`));
    reply.header('allow', [...new Set(known[1])].join(', '));
    return failure(reply, new ApiError('bad_data', 'Method Not Allowed', 405));
  });
}
