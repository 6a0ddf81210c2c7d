import type { Logger } from '../lib/logger.ts';
import { RunGroup } from '../lib/lifecycle/run-group.ts';
import { targetsJson } from '../lib/targets-json.ts';
import { ownLogPath } from './own-log.ts';
import { createAgentPage } from './agent-page.ts';
import { collectFiles, collectingParts, createCollecting } from './collecting.ts';
import type { LoadedConfig } from './config.ts';
import { createProbing } from './probing.ts';
import { createReload } from './reload.ts';
import { logLevel, needsRestart } from './reload-parts.ts';
import { createStatus } from './status/status.ts';
import { logFileStatus } from './status/log-file.ts';
import { createLogSinks, createMetricsShipping, shippingParts } from './shipping.ts';

export interface RunningAgent {
  /** Where its page is. */
  readonly url: string;
  /** Takes over a changed configuration. @throws {InputError} */
  readonly reload: () => Promise<void>;
  /** One line on what it does. */
  status(): string;
  /** Stops in reverse order of the start; what is under way is drained within bounds. */
  stop(): Promise<void>;
}

/** One per node: collects metrics and logs here and ships them elsewhere. */
export async function startAgent(loaded: LoadedConfig, logger: Logger): Promise<RunningAgent> {
  const { config, folder } = loaded;
  const sinks = createLogSinks(config, logger);
  const remoteWrite = createMetricsShipping(config, logger);
  const { collector, logs, nodePods } = createCollecting({
    config,
    folder,
    write: remoteWrite?.write,
    writeMetadata: remoteWrite?.writeMetadata,
    logDestinations: sinks.current,
    ownLog: ownLogPath(config),
    logger,
  });
  const probing = await createProbing(loaded);
  const reload = createReload({
    loaded,
    files: collectFiles,
    parts: () => [
      ...['data_dir', 'identity', 'server'].map((section) => needsRestart(section)),
      ...shippingParts({ remoteWrite, sinks, logs }),
      ...collectingParts({ collector, logs }),
      { name: 'probe modules', prepare: (next) => probing.prepare(next) },
      logLevel(logger),
    ],
    logger,
  });
  const page = createAgentPage({
    server: () => config.server,
    probe: probing.answer,
    views: {
      '/api/v1/targets': (params) => targetsJson(collector?.targets() ?? [], collector?.droppedTargets() ?? [], params),
      '/api/crowsnest/v1/logs/files': () => logs.files().map(logFileStatus),
      '/api/crowsnest/v1/status': createStatus({
        pipelines: ['metrics', 'logs'],
        config: reload.config,
        startedAt: Date.now(),
        collector,
        logs,
      }),
    },
  });

  const group = new RunGroup();
  for (const service of [page, remoteWrite, nodePods, collector, logs, reload])
    if (service !== undefined) group.add(service);
  await group.start();
  return {
    url: page.url,
    reload: reload.reload,
    stop: () => group.stop(),
    status() {
      const metrics = collector?.status();
      const lines = logs.status();
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
