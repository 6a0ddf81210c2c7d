import { createAlerting } from '../alerting/index.ts';
import type { Logger } from '../lib/logger.ts';
import { RunGroup } from '../lib/run-group.ts';
import { createAgentPage } from './agent-page.ts';
import { identityOf } from './collecting.ts';
import type { LoadedConfig } from './config.ts';
import { createRemoteQuery } from '../alerting/evaluate/remote-query.ts';
import { createReload } from './reload.ts';
import { logLevel, needsRestart, takesOver } from './reload-parts.ts';
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
  const { query } = config.alerting;
  if (query === undefined)
    throw new Error('alerts needs a Prometheus API to evaluate on: alerting.query in the file, or --query URL');
  const remoteWrite = createMetricsShipping(config, logger);
  const alerting = createAlerting({
    config: config.alerting,
    configDir: folder,
    query: createRemoteQuery(query),
    write: remoteWrite?.write,
    readable: 'once_resolved',
    recordEvents: async () => {},
    dataDir: config.data_dir,
    externalUrl: config.server.external_url,
    externalLabels: identityOf(config),
    logger,
  });
  const reload = createReload({
    loaded,
    files: alertingFiles,
    parts: () => [
      ...['data_dir', 'identity', 'server'].map((section) => needsRestart(section)),
      needsRestart('alerting', 'query'),
      takesOver(['ship', 'metrics'], remoteWrite, (next) => next.config.ship.metrics),
      takesOver(['alerting'], alerting, ({ config: next }) => next.alerting),
      logLevel(logger),
    ],
    logger,
  });
  const page = createAgentPage(config.server.listen);
  const group = new RunGroup().add(page);
  if (remoteWrite !== undefined) group.add(remoteWrite);
  await group.add(alerting).add(reload).start();
  return {
    url: page.url,
    reload: reload.reload,
    stop: () => group.stop(),
    status() {
      const rules = alerting.groups().flatMap((group) => group.rules);
      const firing = rules.flatMap(({ alerts }) => alerts).filter(({ state }) => state === 'firing').length;
      return `${rules.length} rules · ${firing} firing · ${alerting.deliveries().length} deliveries`;
    },
  };
}
