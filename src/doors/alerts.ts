import { createAlerting } from '../alerting/index.ts';
import type { Logger } from '../lib/logger.ts';
import { RunGroup, type Service } from '../lib/run-group.ts';
import { createRemoteWrite } from '../remote-write/index.ts';
import { createAgentPage } from './agent-page.ts';
import { identityOf } from './collecting.ts';
import type { LoadedConfig } from './config.ts';
import { createRemoteQuery } from './remote-query.ts';

export interface RunningAlerts extends Service {
  readonly url: string;
  status(): string;
}

/** The alert manager apart from the store: evaluates on any Prometheus API, notifies, writes its series back where `ship` says. */
export async function startAlerts({ config, folder }: LoadedConfig, logger: Logger): Promise<RunningAlerts> {
  const { query } = config.alerting;
  if (query === undefined)
    throw new Error('alerts needs a Prometheus API to evaluate on: alerting.query in the file, or --query URL');
  const remoteWrite =
    config.ship.metrics.length === 0
      ? undefined
      : createRemoteWrite({ destinations: config.ship.metrics, dataDir: config.data_dir, logger });
  const alerting = createAlerting({
    config: config.alerting,
    configDir: folder,
    query: createRemoteQuery(query),
    write: remoteWrite?.write ?? (async ({ values }) => ({ accepted: values.length, refused: {} })),
    recordEvents: async () => {},
    dataDir: config.data_dir,
    externalUrl: config.server.external_url,
    externalLabels: identityOf(config),
    logger,
  });
  const page = createAgentPage(config.server.listen);
  const group = new RunGroup().add(page);
  if (remoteWrite !== undefined) group.add(remoteWrite);
  await group.add(alerting).start();
  return {
    name: 'alerts',
    url: page.url,
    start() {},
    stop: () => group.stop(),
    status() {
      const rules = alerting.groups().flatMap((group) => group.rules);
      const firing = rules.flatMap(({ alerts }) => alerts).filter(({ state }) => state === 'firing').length;
      return `${rules.length} rules · ${firing} firing · ${alerting.deliveries().length} deliveries`;
    },
  };
}
