import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { PreparedChange } from '../lib/lifecycle/reload.ts';
import { alertmanagerRoutes } from './alertmanager/routes.ts';
import { failure } from './answers/answer.ts';
import { compressAnswers } from './answers/compress.ts';
import { ApiError } from './answers/errors.ts';
import { answerFailures, answerUnknown } from './answers/failures.ts';
import { auditWrites } from './auth/audit.ts';
import { authorize } from './auth/authorize.ts';
import { checkSecretFiles } from './auth/callers.ts';
import { cors } from './auth/cors.ts';
import { rememberRoutes } from './auth/declared-routes.ts';
import type { ServerConfig } from './config.ts';
import { builtConsole, consolePages } from './console-pages.ts';
import { ApiContext } from './context.ts';
import { activityRoutes } from './crowsnest/activity.ts';
import { logRoutes } from './crowsnest/logs.ts';
import { ingestRoutes } from './ingest.ts';
import { countRequests } from './metrics.ts';
import { openApi } from './openapi.ts';
import { healthRoutes } from './process/health.ts';
import { probeRoute } from './process/probe.ts';
import { reloadRoute } from './process/reload.ts';
import { sessionRoutes } from './process/session.ts';
import { adminRoutes } from './prometheus/admin.ts';
import { federateRoute } from './prometheus/federate.ts';
import { languageRoutes, queryRoutes } from './prometheus/query.ts';
import { remoteReadRoute } from './prometheus/remote-read.ts';
import { ruleRoutes } from './prometheus/rules.ts';
import { seriesRoutes } from './prometheus/series.ts';
import { statusRoutes } from './prometheus/status.ts';
import { targetRoutes } from './prometheus/targets.ts';
import { readBodies } from './requests/bodies.ts';
import { limitBodies } from './requests/body-limits.ts';
import type { ApiOptions } from './types.ts';
import { upstreamRoutes } from './upstream/routes.ts';
import { createUpstream } from './upstream/upstream.ts';

/** Bytes of a form or any other body that is not ingest. */
const MAX_FORM = 4 * 1024 * 1024;

/** Bytes of a URL and its headers: a GET may carry a long query, and Node's own 16 KiB end too soon. */
const MAX_HEADER = 256 * 1024;

/** Milliseconds for the headers of a request, and between two looks for connections that are too late. */
const HEADERS_WITHIN = 15_000;
const LOOK_EVERY = 5000;

declare module 'fastify' {
  interface FastifyInstance {
    /** See `Reloadable`: tokens, tenants and limits change while the server runs. */
    prepareConfig(config: ServerConfig): PreparedChange;
  }
}

/**
 * The whole HTTP side over given functions, not yet listening: see `createServer`. Routes of a group that is absent answer
 * 501. @throws {InputError} for files of tokens or passwords that are not there.
 */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  checkSecretFiles(options.config);
  const context = new ApiContext(options);
  const logger: FastifyBaseLogger | undefined = options.logger;
  const app = fastify({
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestId(request.headers['x-request-id']),
    bodyLimit: MAX_FORM,
    http: {
      maxHeaderSize: MAX_HEADER,
      headersTimeout: HEADERS_WITHIN,
      requestTimeout: options.config.body_timeout + HEADERS_WITHIN,
      connectionsCheckingInterval: LOOK_EVERY,
    },
    requestTimeout: options.config.body_timeout + HEADERS_WITHIN,
    routerOptions: { maxParamLength: 4096, ignoreTrailingSlash: false },
    forceCloseConnections: false,
    // What the router itself refuses, such as `%zz` in a path, comes in the same envelope.
    frameworkErrors: (error, _, reply) =>
      void failure(reply, new ApiError('bad_data', error.message, error.statusCode)),
  });
  app.server.maxConnections = options.config.max_connections;
  app.decorate('prepareConfig', (config: ServerConfig) => context.prepare(config));
  readBodies(app);
  answerFailures(app);
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  countRequests(app);
  auditWrites(app, context);
  await app.register(helmet, { contentSecurityPolicy: POLICY, strictTransportSecurity: false });
  cors(app, context);
  await limitRate(app, context);
  authorize(app, context);
  limitBodies(app, context);
  compressAnswers(app);
  nameJsonPlainly(app);
  const routes = rememberRoutes(app);
  await openApi(app, options.status?.status().version ?? '', () => context.callers.length > 0);

  healthRoutes(app, context);
  probeRoute(app, context);
  sessionRoutes(app, context);
  reloadRoute(app, context);
  languageRoutes(app, context);
  const { upstream } = options.config;
  if (upstream === undefined) storeRoutes(app, context);
  else upstreamRoutes(app, context, createUpstream(upstream, options.logger));
  targetRoutes(app, context);
  statusRoutes(app, context);
  adminRoutes(app, context);
  ingestRoutes(app, context);
  logRoutes(app, context);
  activityRoutes(app, context);
  alertmanagerRoutes(app, context);
  const consoleFolder = builtConsole(options.consoleFolder);
  await consolePages(app, consoleFolder);
  answerUnknown(app, routes, consoleFolder);
  return app;
}

/** What the embedded store, and the rules over it, answer. */
function storeRoutes(app: FastifyInstance, context: ApiContext): void {
  queryRoutes(app, context);
  seriesRoutes(app, context);
  ruleRoutes(app, context);
  federateRoute(app, context);
  remoteReadRoute(app, context);
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

/** Fastify adds a charset, which JSON has none of (RFC 8259); Prometheus says it without, and clients compare. */
function nameJsonPlainly(app: FastifyInstance): void {
  app.addHook('onSend', async (_, reply) => {
    if (reply.getHeader('content-type') === 'application/json; charset=utf-8') reply.type('application/json');
  });
}

async function limitRate(app: FastifyInstance, context: ApiContext): Promise<void> {
  await app.register(rateLimit, {
    global: true,
    max: () => context.config.requests_per_minute,
    allowList: () => context.config.requests_per_minute === 0,
    timeWindow: 60_000,
    cache: 10_000,
  });
}
