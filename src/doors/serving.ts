import { join } from 'node:path';
import type { Alerting } from '../alerting/index.ts';
import { createApi } from '../api/app.ts';
import { type Server, createServer } from '../api/server.ts';
import type { ApiOptions } from '../api/types.ts';
import type { Collector } from '../collector/index.ts';
import type { Logger } from '../lib/logger.ts';
import { registry } from '../lib/metrics.ts';
import { packageRoot } from '../lib/package-root.ts';
import { toYaml } from '../lib/yaml-print.ts';
import type { Logs } from '../logs/index.ts';
import type { LogFileStatus } from '../model/status.ts';
import {
  type Engine,
  createEngine,
  explain,
  format,
  histogramToJson,
  parse,
  parseMatchers,
  restrictText,
  selectorsOf,
  toJson,
} from '../promql/index.ts';
import { createIngest } from './ingest.ts';
import type { Store } from '../store/index.ts';
import type { Config } from './config.ts';
import { maskSecrets } from './mask.ts';
import { createStatus } from './status.ts';

export interface ServingOptions {
  readonly config: Config;
  readonly startedAt: number;
  readonly store: Store;
  readonly engine: Engine;
  readonly collector?: Collector;
  readonly logs?: Logs;
  /** Asked anew each time: alerting starts when the address that its links name is known. */
  readonly alerting?: () => Alerting | undefined;
  readonly logger: Logger;
}

/** The HTTP side over what this process has; what it lacks answers 501 in words. */
export async function createServing(options: ServingOptions): Promise<Server> {
  const { config, store, engine, collector, logs, alerting, logger } = options;
  let ready = { ready: false, why: 'starting' };
  const api: ApiOptions = {
    config: config.server,
    logger,
    consoleFolder: join(packageRoot, 'dist', 'console'),
    engine: { ...engine, histogramJson: histogramToJson },
    engineOver: (select) => ({
      ...createEngine({ select, limits: { timeout: config.server.query_timeout } }),
      histogramJson: histogramToJson,
    }),
    restrictExpr: restrictText,
    language: {
      parseSelector: parseMatchers,
      format: (expr) => format(parse(expr)),
      tree: (expr) => toJson(parse(expr)),
      explain: (expr) => explain(parse(expr)),
      selectors: (expr) => selectorsOf(parse(expr)),
    },
    select: store.select,
    labelNames: (request) => store.labelNames(request),
    labelValues: (name, request) => store.labelValues(name, request),
    series: (request) => store.series(request),
    exemplars: (request, signal) => store.exemplars(request, signal),
    metadata: (metric) => store.metadata(metric),
    storeStat: (limit) => store.stat(limit),
    admin: {
      deleteSeries: (request) => store.deleteSeries(request),
      snapshot: () => store.snapshot(),
      cleanTombstones: () => store.compact(),
    },
    // Behind an upstream nobody would ever read what is written into the store.
    ingest: config.server.upstream === undefined ? createIngest(store, config.otlp) : [],
    targets: () => collector?.targets() ?? [],
    droppedTargets: () => collector?.droppedTargets() ?? [],
    ruleGroups: () => alerting?.()?.groups() ?? [],
    alerts: () => alerting?.()?.alerts() ?? [],
    notifications: async (limit) => (alerting?.()?.notifications() ?? []).slice(0, limit),
    deliveries: async (limit) => (alerting?.()?.deliveries() ?? []).slice(0, limit),
    alertEvents: (query) => store.alertEvents(query),
    playbook: async (name) => {
      const playbook = alerting?.()?.playbook(name);
      return playbook === undefined ? undefined : { name, html: playbook.html };
    },
    searchLogs: store.searchLogs,
    logFiles: () => logs?.files().map(fileStatus) ?? [],
    status: createStatus(options),
    ready: () => ready,
    selfMetrics: () => registry.metrics(),
    configYaml: () => toYaml(maskSecrets(config)),
    flags: () => ({}),
  };
  const server = createServer(await createApi(api), config.server);
  return {
    name: server.name,
    get url() {
      return server.url;
    },
    async start() {
      await server.start();
      ready = { ready: true, why: '' };
    },
    async stop() {
      ready = { ready: false, why: 'stopping' };
      await server.stop();
    },
  };
}

function fileStatus({ path, state, reason, size, offset, lines }: ReturnType<Logs['files']>[number]): LogFileStatus {
  const shown = ({ followed: 'following', draining: 'finished', skipped: 'skipped' } as const)[state];
  return { path, state: shown, reason, size, position: offset, lastRead: 0, lines };
}
