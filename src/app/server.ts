import type { Logger } from '../lib/logger.ts';
import { RunGroup } from '../lib/lifecycle/run-group.ts';
import type { LoadedConfig } from './config.ts';
import { createReload } from './reload.ts';
import { logLevel, needsRestart, serverParts, storeParts } from './reload-parts.ts';
import { createServing } from './serving.ts';
import { openEmbedded } from './serving-store.ts';
import { Received } from './status/received.ts';

export interface RunningServer {
  readonly url: string;
  /** Takes over a changed configuration. @throws {InputError} */
  readonly reload: () => Promise<void>;
  status(): Promise<string>;
  /** Stops in reverse order of the start; what is under way is drained within bounds. */
  stop(): Promise<void>;
}

/**
 * The embedded store with its API and console: agents elsewhere write into it, people and Grafana read from it. In front of
 * another server there is no store, and no folder of data.
 */
export async function startServer(loaded: LoadedConfig, logger: Logger): Promise<RunningServer> {
  const { config } = loaded;
  const embedded = config.server.upstream === undefined ? await openEmbedded(config, logger) : undefined;
  const reload = createReload({
    loaded,
    files: async () => [],
    // Section `otlp` needs no part: each request goes by the configuration that runs.
    parts: () => [
      ...['data_dir', 'identity'].map((section) => needsRestart(section)),
      ...storeParts(embedded?.store),
      ...serverParts(server),
      logLevel(logger),
    ],
    logger,
  });
  const received = new Received();
  const server = await createServing({
    config: reload.config,
    startedAt: Date.now(),
    pipelines: embedded === undefined ? [] : ['metrics'],
    received,
    embedded: embedded && { ...embedded, target: received.counting(embedded.store) },
    reload,
    logger,
  });
  const group = new RunGroup();
  if (embedded !== undefined) group.add({ name: embedded.store.name, start() {}, stop: () => embedded.store.close() });
  await group.add(server).add(reload).start();
  return {
    url: server.url,
    reload: reload.reload,
    stop: () => group.stop(),
    async status() {
      if (embedded === undefined) return 'answers come from server.upstream';
      const { series, samples, bytes } = await embedded.store.stat(0);
      return `${series} series · ${samples} samples · ${(bytes / 1e6).toFixed(1)} MB`;
    },
  };
}
