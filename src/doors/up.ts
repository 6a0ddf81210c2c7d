import { type Alerting, createAlerting } from '../alerting/index.ts';
import type { Logger } from '../lib/logger.ts';
import { RunGroup, type Service } from '../lib/run-group.ts';
import { createElasticsearchSink, fanOut } from '../logs/index.ts';
import type { WriteSeries } from '../model/sample.ts';
import { createEngine } from '../promql/index.ts';
import { createRemoteWrite } from '../remote-write/index.ts';
import { openStore } from '../store/index.ts';
import { createCollecting, identityOf } from './collecting.ts';
import type { LoadedConfig } from './config.ts';
import { queryOf } from './judging.ts';
import { type Overview, createOverview } from './overview.ts';
import { ownLogPath } from './own-log.ts';
import { createServing } from './serving.ts';

export interface RunningUp extends Service {
  readonly url: string;
  overview(): Promise<Overview>;
}

export interface UpOptions {
  /** Prints a page for a person at the terminal. */
  readonly print?: (text: string) => void;
}

/** Everything in one process on one machine: collects, stores, judges, pages and serves. */
export async function startUp(
  { config, folder }: LoadedConfig,
  logger: Logger,
  { print }: UpOptions = {},
): Promise<RunningUp> {
  const store = await openStore({ config: config.store, logger });
  const engine = createEngine({ select: store.select, limits: { timeout: config.server.query_timeout } });
  const remoteWrite =
    config.ship.metrics.length === 0
      ? undefined
      : createRemoteWrite({ destinations: config.ship.metrics, dataDir: config.data_dir, logger });
  const sinks = config.ship.logs.map((sink) => createElasticsearchSink(sink, logger));
  const { collector, logs } = createCollecting({
    config,
    write: remoteWrite === undefined ? store.write : both(store.write, remoteWrite.write),
    writeMetadata: store.writeMetadata,
    ship: fanOut([store.writeLogs, ...sinks.map(({ ship }) => ship)]),
    ownLog: ownLogPath(config),
    logger,
  });
  let alerting: Alerting | undefined;
  const server = await createServing({
    config,
    startedAt: Date.now(),
    store,
    engine,
    collector,
    logs,
    alerting: () => alerting,
    logger,
  });

  const group = new RunGroup().add({ name: store.name, start() {}, stop: () => store.close() });
  for (const service of [server, remoteWrite, ...sinks, collector, logs]) if (service !== undefined) group.add(service);
  group.add({
    name: 'alerting',
    start() {
      alerting = createAlerting({
        config: config.alerting,
        configDir: folder,
        query: queryOf(engine),
        write: store.write,
        recordEvents: store.recordAlertEvents,
        dataDir: config.data_dir,
        externalUrl: config.server.external_url || server.url,
        externalLabels: identityOf(config),
        logger,
        print,
      });
      return alerting.start();
    },
    stop: () => alerting?.stop(),
  });
  await group.start();
  return {
    name: 'up',
    url: server.url,
    start() {},
    stop: () => group.stop(),
    overview: createOverview({ config, store, collector, logs, alerting: () => alerting }),
  };
}

/** The first place's outcome counts: it is the one that answers queries here. */
function both(first: WriteSeries, second: WriteSeries): WriteSeries {
  return async (batch) => {
    const [outcome] = await Promise.all([first(batch), second(batch)]);
    return outcome;
  };
}
