import { join } from 'node:path';
import { ApiError } from '../api/answers/errors.ts';
import { createApi } from '../api/app.ts';
import { type Server, createServer } from '../api/server.ts';
import { createAuditLog } from '../api/auth/audit.ts';
import type { Alerting } from '../alerting/index.ts';
import type { Alerts, ApiOptions } from '../api/types.ts';
import type { Logger } from '../lib/logger.ts';
import type { AnswerProbe } from '../model/probe.ts';
import { registry } from '../lib/metrics.ts';
import { packageRoot } from '../lib/package-root.ts';
import { toYaml } from '../lib/schema/yaml-print.ts';
import type { Alertmanager, ClusterStatus } from '../model/alertmanager.ts';
import type { ReloadControl } from '../model/reload.ts';
import { featuresOf } from './status/features.ts';
import { flagsOf } from './status/flags.ts';
import { logFileStatus } from './status/log-file.ts';
import { maskSecrets } from './status/mask-secrets.ts';
import { queryLanguage } from './query-language.ts';
import { type Embedded, storeFunctions } from './serving-store.ts';
import { type StatusSources, createStatus } from './status/status.ts';

export interface ServingOptions extends StatusSources {
  /** Absent where another server answers. */
  readonly embedded?: Embedded;
  /** Absent where the configuration cannot be read again. */
  readonly reload?: ReloadControl;
  /** Absent where the process collects nothing. */
  readonly probe?: AnswerProbe;
  /** The replicas of the alert manager; absent: it runs alone. */
  readonly cluster?: ClusterStatus;
  readonly logger: Logger;
}

/** The HTTP side over what this process has; routes of what it lacks return 501 with an explicit error. */
export async function createServing(options: ServingOptions): Promise<Server> {
  const { embedded, collector, logs, alerting, logger } = options;
  const config = options.config();
  let ready = { ready: false, why: 'starting' };
  const api: ApiOptions = {
    config: config.server,
    logger,
    consoleFolder: join(packageRoot, 'dist', 'console'),
    ...(embedded === undefined ? {} : storeFunctions(embedded, options.config)),
    language: queryLanguage,
    ...(alerting !== undefined && {
      alerts: alertFunctions(alerting, embedded),
      alertmanager: alertmanagerOf(alerting, options.cluster),
    }),
    ...(collector !== undefined && {
      targets: {
        targets: () => collector.targets(),
        droppedTargets: () => collector.droppedTargets(),
        targetMetadata: (target) => collector.metadataOf(target),
      },
    }),
    ...(embedded !== undefined && {
      logs: {
        searchLogs: embedded.store.searchLogs,
        countLogs: embedded.store.countLogs,
        ...(logs !== undefined && { logFiles: () => logs.files().map(logFileStatus) }),
      },
    }),
    status: {
      status: createStatus(options),
      ready: () => ready,
      selfMetrics: () => registry.metrics(),
      configYaml: () => toYaml(maskSecrets(options.config())),
      flags: () => flagsOf(options.config()),
      features: featuresOf(options),
    },
    ...(options.reload !== undefined && { lifecycle: options.reload }),
    ...(options.probe !== undefined && { probe: options.probe }),
    audit: createAuditLog(join(config.data_dir, 'audit.jsonl')),
  };
  const server = createServer(await createApi(api), config.server);
  return {
    name: server.name,
    get url() {
      return server.url;
    },
    prepare: (next) => server.prepare(next),
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

/** Requests that come before alerting runs fail as unavailable. */
function alertmanagerOf(alerting: () => Alerting | undefined, cluster?: ClusterStatus): Alertmanager {
  const now = () => {
    const running = alerting();
    if (running === undefined) throw new ApiError('unavailable', 'alerting is starting', 503);
    return running.alertmanager;
  };
  return {
    alerts: () => now().alerts(),
    groups: () => now().groups(),
    post: (alerts) => now().post(alerts),
    silences: () => now().silences(),
    setSilence: (draft) => now().setSilence(draft),
    expireSilence: (id) => now().expireSilence(id),
    receivers: () => now().receivers(),
    config: () => now().config(),
    labelTest: (matchers) => now().labelTest(matchers),
    cluster,
  };
}

function alertFunctions(alerting: () => Alerting | undefined, embedded: Embedded | undefined): Alerts {
  return {
    ruleGroups: () => alerting()?.groups() ?? [],
    alerts: () => alerting()?.alerts() ?? [],
    notifications: async (limit) => (alerting()?.notifications() ?? []).slice(0, limit),
    deliveries: async (limit) => (alerting()?.deliveries() ?? []).slice(0, limit),
    alertEvents: async (query) => embedded?.store.alertEvents(query) ?? [],
    async playbook(name) {
      const playbook = alerting()?.playbook(name);
      return playbook === undefined ? undefined : { name, html: playbook.html };
    },
  };
}
