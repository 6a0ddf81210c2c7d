import { LogOnce, type Logger } from '../lib/logger.ts';
import { createElasticsearchSink } from '../logs/index.ts';
import type { WriteMetadata, WriteSeries } from '../model/sample.ts';
import { type RemoteWrite, createRemoteWrite } from '../remote-write/index.ts';
import type { Config } from './config.ts';
import { needsRestart, takesOver } from './reload-parts.ts';

/** Where `ship.metrics` says; undefined where it names no place. */
export function createMetricsShipping({ ship, data_dir }: Config, logger: Logger): RemoteWrite | undefined {
  return ship.metrics.length === 0
    ? undefined
    : createRemoteWrite({ destinations: ship.metrics, dataDir: data_dir, logger });
}

/** What takes in samples and what is known of their metrics. */
export interface MetricsWriter {
  readonly write: WriteSeries;
  readonly writeMetadata: WriteMetadata;
}

/**
 * Writes into the store and to every destination of `ship.metrics`. The store's outcome counts, as it answers queries here:
 * a queue that fails costs what it says in the log, and no sample of the store.
 */
export function storeAndShip(
  store: MetricsWriter,
  remoteWrite: RemoteWrite | undefined,
  logger: Logger,
): MetricsWriter {
  if (remoteWrite === undefined) return store;
  const once = new LogOnce();
  const failed = (error: unknown) => {
    if (once.fresh('queue', String(error)))
      logger.error({ error: String(error) }, 'samples were not queued for ship.metrics');
  };
  return {
    async write(batch) {
      const shipped = remoteWrite.write(batch).then(() => once.clear('queue'), failed);
      const [outcome] = await Promise.all([store.write(batch), shipped]);
      return outcome;
    },
    writeMetadata(metadata) {
      store.writeMetadata(metadata);
      remoteWrite.writeMetadata(metadata);
    },
  };
}

/** Section `ship`, as a reload takes it over. */
export function shippingParts(remoteWrite: RemoteWrite | undefined) {
  return [
    takesOver(['ship', 'metrics'], remoteWrite, ({ config }) => config.ship.metrics),
    needsRestart('ship', 'logs'),
  ];
}

/** Where `ship.logs` says, one sink an entry. */
export function createLogSinks({ ship, data_dir }: Config, logger: Logger) {
  return ship.logs.map((sink) => createElasticsearchSink(sink, logger, data_dir));
}
