import type { Logger } from '../lib/logger.ts';
import { createElasticsearchSink } from '../logs/index.ts';
import { type RemoteWrite, createRemoteWrite } from '../remote-write/index.ts';
import type { Config } from './config.ts';
import { needsRestart, takesOverPart } from './reload-parts.ts';

/** Where `ship.metrics` says; undefined where it names no place. */
export function createMetricsShipping({ ship, data_dir }: Config, logger: Logger): RemoteWrite | undefined {
  return ship.metrics.length === 0
    ? undefined
    : createRemoteWrite({ destinations: ship.metrics, dataDir: data_dir, logger });
}

/** Section `ship`, as a reload takes it over. */
export function shippingParts(remoteWrite: RemoteWrite | undefined) {
  return [takesOverPart(['ship', 'metrics'], remoteWrite, ({ ship }) => ship.metrics), needsRestart('ship', 'logs')];
}

/** Where `ship.logs` says, one sink an entry. */
export function createLogSinks({ ship, data_dir }: Config, logger: Logger) {
  return ship.logs.map((sink) => createElasticsearchSink(sink, logger, data_dir));
}
