import { LogOnce, type Logger } from '../lib/logger.ts';
import type { PreparedChange } from '../lib/lifecycle/reload.ts';
import { type ElasticsearchSink, type LogDestination, type Logs, createElasticsearchSink } from '../logs/index.ts';
import type { WriteMetadata, WriteSeries } from '../model/sample.ts';
import { type RemoteWrite, createRemoteWrite } from '../remote-write/index.ts';
import type { Config } from './config.ts';
import { takesOver } from './reload-parts.ts';

/** Returns the sender to the stores of `ship.metrics`; undefined without any. */
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

/** The sinks of `ship.logs`, one an entry. An entry that a reload leaves as it is keeps its sink. */
export interface LogSinks {
  readonly current: readonly LogDestination[];
  /** Makes sinks for new entries. The caller stops those that are not used any more. */
  prepare(entries: Config['ship']['logs']): { readonly sinks: readonly LogDestination[] } & PreparedChange;
}

export function createLogSinks({ ship, data_dir }: Config, logger: Logger): LogSinks {
  type Kept = { readonly key: string; readonly sink: ElasticsearchSink };
  const make = (entry: Config['ship']['logs'][number], key: string): Kept => ({
    key,
    sink: createElasticsearchSink(entry, logger, data_dir),
  });
  let kept = ship.logs.map((entry) => make(entry, JSON.stringify(entry)));
  return {
    get current() {
      return kept.map(({ sink }) => sink);
    },
    prepare(entries) {
      const free = [...kept];
      const made: Kept[] = [];
      const next = entries.map((entry) => {
        const key = JSON.stringify(entry);
        const same = free.findIndex((one) => one.key === key);
        if (same >= 0) return free.splice(same, 1)[0];
        const one = make(entry, key);
        made.push(one);
        return one;
      });
      return {
        sinks: next.map(({ sink }) => sink),
        commit: () => void (kept = next),
        discard() {
          for (const { sink } of made) void sink.stop();
        },
      };
    },
  };
}

export interface Shipping {
  readonly remoteWrite: RemoteWrite | undefined;
  readonly sinks: LogSinks;
  readonly logs: Logs;
  /** A destination of logs beside those of `ship.logs`: the embedded store. */
  readonly first?: LogDestination;
}

/** Section `ship`, as a reload takes it over. */
export function shippingParts({ remoteWrite, sinks, logs, first }: Shipping) {
  return [
    takesOver(['ship', 'metrics'], remoteWrite, ({ config }) => config.ship.metrics),
    takesOver(['ship', 'logs'], { prepare: prepareLogs }, ({ config }) => config.ship.logs),
  ];

  async function prepareLogs(entries: Config['ship']['logs']): Promise<PreparedChange> {
    const next = sinks.prepare(entries);
    return {
      commit() {
        next.commit();
        logs.setDestinations(first === undefined ? next.sinks : [first, ...next.sinks]);
      },
      discard: () => next.discard?.(),
    };
  }
}
