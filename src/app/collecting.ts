import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Collector, createCollector, scrapeConfigFiles } from '../collector/index.ts';
import type { Logger } from '../lib/logger.ts';
import { collectProcessMetrics, registry } from '../lib/metrics.ts';
import { type LogDestination, type Logs, createLogs } from '../logs/index.ts';
import type { WriteMetadata, WriteSeries } from '../model/sample.ts';
import type { Config, LoadedConfig } from './config.ts';
import { type NodePods, kubernetesNode } from '../kubernetes/index.ts';
import { connectorOf, createPodsOfNode, kubernetesConnector, podFieldsOf, withPathsFrom } from './kubernetes.ts';
import { probeFile } from './probing.ts';
import { needsRestart, takesOver } from './reload-parts.ts';

export interface CollectingOptions {
  readonly config: Config;
  /** Where relative paths in the configuration start. */
  readonly folder: string;
  /** Absent: metrics are not collected, as there is nowhere to put them. */
  readonly write?: WriteSeries;
  readonly writeMetadata?: WriteMetadata;
  /** None: logs are not followed, until a reload names one. */
  readonly logDestinations: readonly LogDestination[];
  readonly ownLog?: string;
  readonly logger: Logger;
}

export interface Collecting {
  readonly collector: Collector | undefined;
  readonly logs: Logs;
  /** Present where this is a node of Kubernetes. Starts before the other two. */
  readonly nodePods: NodePods | undefined;
}

/** The two pipelines that begin on this machine, into whatever `write` and `ship` are. */
export function createCollecting({
  config,
  folder,
  write,
  writeMetadata,
  logDestinations,
  ownLog,
  logger,
}: CollectingOptions): Collecting {
  collectProcessMetrics();
  const identity = identityOf(config);
  const kubernetes = withPathsFrom(folder, config.kubernetes);
  const node = kubernetesNode(kubernetes);
  const nodePods = node && createPodsOfNode(node, kubernetes, logger);
  const collector =
    write === undefined
      ? undefined
      : createCollector({
          config: config.collect,
          folder,
          identity,
          hostname: hostname(),
          write,
          writeMetadata,
          selfPage: () => registry.metrics(),
          connectKubernetes: kubernetesConnector(logger),
          kubernetesNode: node && nodePods && { ...node, connectPods: connectorOf(nodePods) },
          logger,
        });
  const logs = createLogs({
    config: config.logs,
    identity: logIdentity(identity),
    hostname: hostname(),
    podFields: nodePods && podFieldsOf(nodePods, config.logs.pods),
    destinations: logDestinations,
    dataDir: config.data_dir,
    ownLog,
    logger,
  });
  return { collector, logs, nodePods };
}

/** Sections `collect` and `logs`, as a reload takes them over. */
export function collectingParts({ collector, logs }: Omit<Collecting, 'nodePods'>) {
  return [
    needsRestart('kubernetes'),
    takesOver(['collect'], collector, ({ config }) => config.collect),
    takesOver(['logs'], logs, ({ config }) => config.logs),
  ];
}

/** The files of scrape configs, those that `collect` names and those that a pattern of it finds, and of probe modules. */
export async function collectFiles(loaded: LoadedConfig): Promise<string[]> {
  const { config, folder } = loaded;
  const modules = probeFile(loaded);
  return [
    ...config.collect.scrape_config_files.flatMap((pattern) => scrapeConfigFiles(resolve(folder, pattern))),
    ...(modules === undefined ? [] : [modules]),
  ];
}

/** Cluster, region and datacenter as labels; those that are not configured are left out. */
export function identityOf({ identity }: Config): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(identity).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The same under ECS names. */
export function logIdentity({
  cluster,
  region,
  datacenter,
}: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const fields = {
    'orchestrator.cluster.name': cluster,
    'cloud.region': region,
    'cloud.availability_zone': datacenter,
  };
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
