import { type Alerting, createAlerting } from '../alerting/index.ts';
import type { Logger } from '../lib/logger.ts';
import { RunGroup } from '../lib/lifecycle/run-group.ts';
import { InputError } from '../lib/schema/yaml.ts';
import { identityOf } from './collecting.ts';
import type { Config, LoadedConfig } from './config.ts';
import { createRemoteQuery } from '../alerting/evaluate/remote-query.ts';
import { createReload } from './reload.ts';
import { logLevel, needsRestart, serverParts, takesOver } from './reload-parts.ts';
import { createServing } from './serving.ts';
import { createMetricsShipping } from './shipping.ts';
import { alertingFiles } from './watched-files.ts';

export interface RunningAlerts {
  readonly url: string;
  /** Takes over a changed configuration. @throws {InputError} */
  readonly reload: () => Promise<void>;
  status(): string;
  /** Stops in reverse order of the start; what is under way is drained within bounds. */
  stop(): Promise<void>;
}

/** The alert manager apart from the store: evaluates on any Prometheus API, notifies, writes its series back where `ship` says. */
export async function startAlerts(loaded: LoadedConfig, logger: Logger): Promise<RunningAlerts> {
  const { config, folder } = loaded;
  const remote = createRemoteQuery(queryOf(loaded));
  const remoteWrite = createMetricsShipping(config, logger);
  let alerting: Alerting | undefined;
  const reload = createReload({
    loaded,
    files: alertingFiles,
    parts: () => [
      ...['data_dir', 'identity'].map((section) => needsRestart(section)),
      ...serverParts({ prepare: (next) => server.prepare(withoutUpstream(next)) }),
      takesOver(['alerting', 'query'], remote, queryOf),
      takesOver(['ship', 'metrics'], remoteWrite, (next) => next.config.ship.metrics),
      takesOver(['alerting'], alerting, ({ config: next }) => next.alerting),
      logLevel(logger),
    ],
    logger,
  });
  const server = await createServing({
    config: () => ({ ...reload.config(), server: withoutUpstream(reload.config().server) }),
    reload,
    startedAt: Date.now(),
    pipelines: ['rules', 'notifications'],
    alerting: () => alerting,
    logger,
  });
  const group = new RunGroup().add(server);
  if (remoteWrite !== undefined) group.add(remoteWrite);
  group.add({
    name: 'alerting',
    start() {
      alerting = createAlerting({
        config: config.alerting,
        configDir: folder,
        query: remote.query,
        write: remoteWrite?.write,
        readable: 'once_resolved',
        recordEvents: async () => {},
        dataDir: config.data_dir,
        // Known once the server listens.
        externalUrl: config.server.external_url || server.url,
        externalLabels: identityOf(config),
        logger,
      });
      return alerting.start();
    },
    stop: () => alerting?.stop(),
  });
  await group.add(reload).start();
  return {
    url: server.url,
    reload: reload.reload,
    stop: () => group.stop(),
    status() {
      const rules = (alerting?.groups() ?? []).flatMap((group) => group.rules);
      const firing = rules.flatMap(({ alerts }) => alerts).filter(({ state }) => state === 'firing').length;
      return `${rules.length} rules · ${firing} firing · ${alerting?.deliveries().length ?? 0} deliveries`;
    },
  };
}

/** @throws {InputError} where the configuration names no API to evaluate on. */
function queryOf(loaded: LoadedConfig) {
  const { query } = loaded.config.alerting;
  if (query !== undefined) return query;
  throw new InputError([
    loaded.complain(
      ['alerting', 'query'],
      'alerts needs a Prometheus API to evaluate on: its URL here, or --query URL',
    ),
  ]);
}

/** Rules and alerts are this process's own, also where the file names a server for `server` to stand in front of. */
function withoutUpstream(server: Config['server']): Config['server'] {
  return { ...server, upstream: undefined };
}
