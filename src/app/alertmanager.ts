import { randomUUID } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { type Alerting, createAlerting } from '../alerting/index.ts';
import type { Logger } from '../lib/logger.ts';
import { RunGroup } from '../lib/lifecycle/run-group.ts';
import { validate } from '../lib/schema/schema.ts';
import { COMMAND_LINE, parseYaml } from '../lib/schema/yaml.ts';
import type { ClusterStatus } from '../model/alertmanager.ts';
import { type LoadedConfig, configSchema } from './config.ts';
import { createReload } from './reload.ts';
import { takesOver } from './reload-parts.ts';
import { createServing } from './serving.ts';
import { alertingFiles } from './watched-files.ts';

/** What `crowsnest alertmanager` takes from Alertmanager's flags. */
export interface AlertmanagerFlags {
  readonly configFile: string;
  readonly storagePath: string;
  readonly listenAddress: string;
  /** '' = the address that it listens at. */
  readonly externalUrl: string;
  /** Where others of the cluster would reach it; '' = no cluster. */
  readonly clusterAddress: string;
  /** debug, info, warn or error. */
  readonly logLevel: string;
}

export interface RunningAlertmanager {
  readonly url: string;
  readonly reload: () => Promise<void>;
  stop(): Promise<void>;
}

/** Alertmanager alone: no rules, no store; alerts come by its API. As with Alertmanager, every caller may read and write. */
export async function startAlertmanager(flags: AlertmanagerFlags, logger: Logger): Promise<RunningAlertmanager> {
  const loaded = loadedFrom(flags);
  const { config, folder } = loaded;
  const name = randomUUID();
  const cluster: ClusterStatus = {
    name,
    status: flags.clusterAddress === '' ? 'disabled' : 'ready',
    peers: flags.clusterAddress === '' ? [] : [{ name, address: flags.clusterAddress }],
  };
  let alerting: Alerting | undefined;
  const reload = createReload({
    loaded,
    files: alertingFiles,
    parts: () => [takesOver(['alerting'], alerting, ({ config: next }) => next.alerting)],
    logger,
  });
  const server = await createServing({
    config: reload.config,
    reload,
    startedAt: Date.now(),
    pipelines: ['notifications'],
    alerting: () => alerting,
    cluster,
    logger,
  });
  const group = new RunGroup().add(server);
  group.add({
    name: 'alerting',
    start() {
      alerting = createAlerting({
        config: config.alerting,
        configDir: folder,
        query: () => Promise.reject(new Error('this process has no store to query')),
        readable: 'at_once',
        recordEvents: async () => {},
        dataDir: config.data_dir,
        // Known once the server listens.
        externalUrl: config.server.external_url || server.url,
        externalLabels: {},
        logger,
      });
      return alerting.start();
    },
    stop: () => alerting?.stop(),
  });
  await group.add(reload).start();
  return { url: server.url, reload: reload.reload, stop: () => group.stop() };
}

/** @throws {InputError} for an address or URL that is none. */
function loadedFrom(flags: AlertmanagerFlags): LoadedConfig {
  const { configFile, storagePath, listenAddress, externalUrl, logLevel } = flags;
  const given = {
    data_dir: storagePath,
    log_level: logLevel,
    alerting: { rule_files: [], routing: resolve(configFile), playbooks: 'playbooks' },
    server: {
      listen: listenAddress,
      insecure: true,
      ...(externalUrl === '' ? {} : { external_url: externalUrl.replace(/\/+$/, '') }),
    },
  };
  const source = { ...parseYaml('', COMMAND_LINE), value: given };
  return {
    config: validate(source, configSchema),
    folder: dirname(resolve(configFile)),
    file: undefined,
    given,
    complain: (path, message) => source.complain(path, message),
    again: () => loadedFrom(flags),
  };
}
