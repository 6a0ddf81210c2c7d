import type { Logger } from '../lib/logger.ts';
import { RunGroup } from '../lib/run-group.ts';
import type { LoadedConfig } from './config.ts';
import { createServing } from './serving.ts';
import { openEmbedded } from './serving-store.ts';

export interface RunningServer {
  readonly url: string;
  status(): Promise<string>;
  /** Stops in reverse order of the start; what is under way is drained within bounds. */
  stop(): Promise<void>;
}

/**
 * The embedded store with its API and console: agents elsewhere write into it, people and Grafana read from it. In front of
 * another server there is no store, and no folder of data.
 */
export async function startServer({ config }: LoadedConfig, logger: Logger): Promise<RunningServer> {
  const embedded = config.server.upstream === undefined ? await openEmbedded(config, logger) : undefined;
  const server = await createServing({ config, startedAt: Date.now(), embedded, logger });
  const group = new RunGroup();
  if (embedded !== undefined) group.add({ name: embedded.store.name, start() {}, stop: () => embedded.store.close() });
  await group.add(server).start();
  return {
    url: server.url,
    stop: () => group.stop(),
    async status() {
      if (embedded === undefined) return 'answers come from server.upstream';
      const { series, samples, bytes } = await embedded.store.stat(0);
      return `${series} series · ${samples} samples · ${(bytes / 1e6).toFixed(1)} MB`;
    },
  };
}
