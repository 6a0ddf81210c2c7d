import { createAlerting } from '../alerting/index.ts';
import type { Logger } from '../lib/logger.ts';
import { RunGroup } from '../lib/run-group.ts';
import { createAgentPage } from './agent-page.ts';
import { identityOf } from './collecting.ts';
import type { LoadedConfig } from './config.ts';
import { createRemoteQuery } from '../alerting/evaluate/remote-query.ts';
import { createMetricsShipping } from './shipping.ts';

export interface RunningAlerts {
  readonly url: string;
  status(): string;
  /** Stops in reverse order of the start; what is under way is drained within bounds. */
  stop(): Promise<void>;
}

/** The alert manager apart from the store: evaluates on any Prometheus API, notifies, writes its series back where `ship` says. */
export async function startAlerts({ config, folder }: LoadedConfig, logger: Logger): Promise<RunningAlerts> {
  const { query } = config.alerting;
  if (query === undefined)
    throw new Error('alerts needs a Prometheus API to evaluate on: alerting.query in the file, or --query URL');
  const remoteWrite = createMetricsShipping(config, logger);
  const alerting = createAlerting({
    config: config.alerting,
    configDir: folder,
    query: createRemoteQuery(query),
    write: remoteWrite?.write ?? (async ({ values }) => ({ accepted: values.length, refused: {} })),
    readable: 'once_resolved',
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
    url: page.url,
    stop: () => group.stop(),
    status() {
      const rules = alerting.groups().flatMap((group) => group.rules);
      const firing = rules.flatMap(({ alerts }) => alerts).filter(({ state }) => state === 'firing').length;
      return `${rules.length} rules · ${firing} firing · ${alerting.deliveries().length} deliveries`;
    },
  };
}
