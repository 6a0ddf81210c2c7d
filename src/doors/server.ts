import type { Logger } from '../lib/logger.ts';
import { RunGroup } from '../lib/run-group.ts';
import { createEngine } from '../promql/index.ts';
import { openStore } from '../store/index.ts';
import type { LoadedConfig } from './config.ts';
import { createServing } from './serving.ts';

export interface RunningServer {
  readonly url: string;
  status(): Promise<string>;
  /** Stops in reverse order of the start; what is under way is drained within bounds. */
  stop(): Promise<void>;
}

/** The embedded store with its API and console: agents elsewhere write into it, people and Grafana read from it. */
export async function startServer({ config }: LoadedConfig, logger: Logger): Promise<RunningServer> {
  const store = await openStore({ config: config.store, logger });
  const engine = createEngine({ select: store.select, limits: { timeout: config.server.query_timeout } });
  const server = await createServing({ config, startedAt: Date.now(), store, engine, logger });
  const group = new RunGroup().add({ name: store.name, start() {}, stop: () => store.close() }).add(server);
  await group.start();
  return {
    url: server.url,
    stop: () => group.stop(),
    async status() {
      const { series, samples, bytes } = await store.stat(0);
      return `${series} series · ${samples} samples · ${(bytes / 1e6).toFixed(1)} MB`;
    },
  };
}
