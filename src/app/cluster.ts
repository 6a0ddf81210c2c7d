import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { createCluster } from '../cluster/index.ts';
import { collectSchema } from '../collector/config.ts';
import { type Collector, createCollector } from '../collector/index.ts';
import { connectKubernetes, inClusterAccess, kubeconfigAccess } from '../kubernetes/index.ts';
import type { Logger } from '../lib/logger.ts';
import { collectProcessMetrics, registry } from '../lib/metrics.ts';
import { RunGroup } from '../lib/lifecycle/run-group.ts';
import type { RemoteWrite } from '../remote-write/index.ts';
import { createClusterPage } from './cluster-page.ts';
import { identityOf, logIdentity } from './collecting.ts';
import type { Config, LoadedConfig } from './config.ts';
import { createReload } from './reload.ts';
import { logLevel, needsRestart, takesOver } from './reload-parts.ts';
import { createLogSinks, createMetricsShipping } from './shipping.ts';

export interface RunningCluster {
  readonly url: string;
  /** Takes over a changed configuration. @throws {InputError} */
  readonly reload: () => Promise<void>;
  /** One line on what it does. */
  status(): string;
  /** Stops in reverse order of the start; what is under way is drained within bounds. */
  stop(): Promise<void>;
}

/** One per cluster: object state under kube-state-metrics' names, and events. */
export async function startCluster(loaded: LoadedConfig, logger: Logger): Promise<RunningCluster> {
  const { config, folder } = loaded;
  collectProcessMetrics();
  const { kubeconfig, events } = config.cluster;
  const connection = connectKubernetes({
    access: kubeconfig === undefined ? inClusterAccess() : kubeconfigAccess(resolve(folder, kubeconfig)),
    logger,
  });
  const sinks = createLogSinks(withDataset(config, events.dataset), logger).current;
  const remoteWrite = createMetricsShipping(config, logger);
  const identity = identityOf(config);
  const cluster = createCluster({
    config: config.cluster,
    watch: connection.watch,
    destinations: sinks,
    identity: logIdentity(identity),
    dataDir: config.data_dir,
    logger,
  });
  const ownToken = randomBytes(32).toString('hex');
  const page = createClusterPage({ server: config.server, cluster, ownToken });
  const reload = createReload({
    loaded,
    files: async () => [],
    parts: () => [
      ...['data_dir', 'identity', 'server', 'cluster'].map((section) => needsRestart(section)),
      takesOver(['ship', 'metrics'], remoteWrite, (next) => next.config.ship.metrics),
      needsRestart('ship', 'logs'),
      logLevel(logger),
    ],
    logger,
  });

  const group = new RunGroup();
  group.add({ name: 'connection', start() {}, stop: () => connection.close() });
  for (const sink of sinks) group.add({ name: sink.name, start() {}, stop: () => sink.stop?.() });
  group.add(page).add(cluster).add(reload);
  if (remoteWrite !== undefined) {
    let collector: Collector | undefined;
    group.add(remoteWrite);
    group.add({
      name: 'shipping of kube_* series',
      // Only now is it known where the page is.
      async start() {
        collector = collectPage({ config, url: page.url, token: ownToken, remoteWrite, logger });
        await collector.start();
      },
      stop: () => collector?.stop(),
    });
  }
  await group.start();
  return {
    url: page.url,
    reload: reload.reload,
    stop: () => group.stop(),
    status() {
      const { objects, watches } = cluster.status();
      const open = watches.filter(({ state }) => state === 'watching').length;
      return `${objects} objects · ${open} of ${watches.length} watches open`;
    },
  };
}

/** The records of this process are events, whatever the entry of `ship.logs` calls those of others. */
function withDataset(config: Config, dataset: string): Config {
  return { ...config, ship: { ...config.ship, logs: config.ship.logs.map((entry) => ({ ...entry, dataset })) } };
}

interface OwnPage {
  readonly config: Config;
  readonly url: string;
  readonly token: string;
  readonly remoteWrite: RemoteWrite;
  readonly logger: Logger;
}

/** Scrapes the own page as a Prometheus would, so that series that go get their staleness markers. */
function collectPage({ config, url, token, remoteWrite, logger }: OwnPage): Collector {
  const interval = `${config.cluster.scrape_interval}ms`;
  return createCollector({
    config: collectSchema.parse({
      scrape_configs: [
        {
          job_name: 'kube-state-metrics',
          metrics_path: '/metrics/kube-state',
          honor_labels: true,
          authorization: { credentials: token },
          scrape_interval: interval,
          scrape_timeout: interval,
          body_size_limit: '1GB',
          // Several processes may share an address such as 0.0.0.0:9780.
          static_configs: [
            { targets: [new URL(url).host], labels: { instance: `${hostname()}:${new URL(url).port}` } },
          ],
        },
      ],
      node: { enabled: false },
    }),
    identity: identityOf(config),
    hostname: hostname(),
    write: remoteWrite.write,
    writeMetadata: remoteWrite.writeMetadata,
    selfPage: () => registry.metrics(),
    logger,
  });
}
