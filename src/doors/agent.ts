import type { Logger } from '../lib/logger.ts';
import { RunGroup, type Service } from '../lib/run-group.ts';
import { createElasticsearchSink, fanOut } from '../logs/index.ts';
import { createRemoteWrite } from '../remote-write/index.ts';
import { ownLogPath } from './own-log.ts';
import { createAgentPage } from './agent-page.ts';
import { createCollecting } from './collecting.ts';
import type { LoadedConfig } from './config.ts';

export interface RunningAgent extends Service {
  /** Where its page is. */
  readonly url: string;
  /** One line on what it does. */
  status(): string;
}

/** One per node: collects metrics and logs here and ships them elsewhere. */
export async function startAgent({ config, folder }: LoadedConfig, logger: Logger): Promise<RunningAgent> {
  const sinks = config.ship.logs.map((sink) => createElasticsearchSink(sink, logger, config.data_dir));
  const remoteWrite =
    config.ship.metrics.length === 0
      ? undefined
      : createRemoteWrite({ destinations: config.ship.metrics, dataDir: config.data_dir, logger });
  const { collector, logs } = createCollecting({
    config,
    folder,
    write: remoteWrite?.write,
    writeMetadata: remoteWrite?.writeMetadata,
    ship: sinks.length === 0 ? undefined : fanOut(sinks.map(({ ship }) => ship)),
    perFile: 4,
    ownLog: ownLogPath(config),
    logger,
  });
  const page = createAgentPage(config.server.listen);

  const group = new RunGroup();
  for (const service of [page, remoteWrite, ...sinks, collector, logs]) if (service !== undefined) group.add(service);
  await group.start();
  return {
    name: 'agent',
    url: page.url,
    start() {},
    stop: () => group.stop(),
    status() {
      const metrics = collector?.status();
      const lines = logs?.status();
      const waiting = remoteWrite?.status().reduce((sum, { pendingBytes }) => sum + pendingBytes, 0) ?? 0;
      return [
        metrics === undefined
          ? 'metrics off'
          : `${metrics.series} series · ${Math.round(metrics.samplesPerSecond)} samples/s`,
        lines === undefined
          ? 'logs off'
          : `${Math.round(lines.linesPerSecond)} lines/s · lag ${lines.lagSeconds.toFixed(1)} s`,
        `${(waiting / 1e6).toFixed(1)} MB waiting`,
      ].join(' · ');
    },
  };
}
