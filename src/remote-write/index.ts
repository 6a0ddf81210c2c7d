import { isDeepStrictEqual } from 'node:util';
import type { QueueEntry } from '../lib/durable/disk-queue.ts';
import type { Logger } from '../lib/logger.ts';
import type { PreparedChange, Reloadable } from '../lib/lifecycle/reload.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import type { MetricMetadata, SampleBatch, WriteMetadata, WriteOutcome, WriteSeries } from '../model/sample.ts';
import type { RemoteWriteConfig } from './config.ts';
import { Destination, nameOf } from './destination.ts';
import { encodeMetadata } from './encode-message.ts';
import { Encoding } from './encoding.ts';
import { KnownMetadata } from './metadata.ts';
import { encodeTag } from './shards.ts';

export { type RemoteWriteConfig, remoteWriteSchema } from './config.ts';

export interface RemoteWriteOptions {
  readonly destinations: readonly RemoteWriteConfig[];
  /** Holds the queues. */
  readonly dataDir: string;
  /** Milliseconds that `stop`, or the removal of a destination, may spend on sending what waits. Default 5 s. */
  readonly drainWithin?: number;
  readonly logger: Logger;
}

export interface RemoteWrite extends Service, Reloadable<readonly RemoteWriteConfig[]> {
  /**
   * Resolves when the samples are in the queue on disk of every destination that could take them; `refused.not_queued` counts
   * them where none could. May be called by many at once: samples of one series are sent in the order of the calls,
   * whichever objects stand for the series.
   */
  readonly write: WriteSeries;
  readonly writeMetadata: WriteMetadata;
  status(): readonly { readonly destination: string; readonly pendingBytes: number }[];
}

/** The second half of the metrics pipeline: encode → queue on disk → send, to every destination. */
export function createRemoteWrite(options: RemoteWriteOptions): RemoteWrite {
  const { dataDir, drainWithin = 5000, logger } = options;
  checkNames(options.destinations);
  const create = (config: RemoteWriteConfig) => new Destination(config, dataDir, drainWithin, logger);
  let destinations = options.destinations.map(create);
  let encodings = Encoding.all(options.destinations);
  const known = new KnownMetadata();
  /** Destinations that are no longer configured, by name, while they send what waits. */
  const leaving = new Map<string, Promise<void>>();
  let lastInTurn: Promise<unknown> = Promise.resolve();

  /** Encoding takes as long as it takes; what is called first is queued first. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = lastInTurn.then(run);
    lastInTurn = done.catch(() => undefined);
    return done;
  }

  async function write(batch: SampleBatch): Promise<WriteOutcome> {
    const { queued } = await inTurn(async () => {
      const appends: Promise<boolean>[] = [];
      for (const encoding of encodings) {
        const entries = await encoding.encode(batch);
        const takers = destinations.filter(({ config }) => encoding.serves(config));
        // What relabeling drops for all is not lost.
        if (entries.length > 0) appends.push(appendTo(takers, entries));
      }
      return { queued: Promise.all(appends) };
    });
    const outcomes = await queued;
    const samples = batch.values.length;
    const isQueued = outcomes.length === 0 || outcomes.includes(true);
    return isQueued ? { accepted: samples, refused: {} } : { accepted: 0, refused: { not_queued: samples } };
  }

  /** Whether at least one destination queued the entries. Each queues by itself: one whose disk is full does not hold up another. */
  async function appendTo(takers: readonly Destination[], entries: readonly QueueEntry[]): Promise<boolean> {
    const queued = await Promise.all(takers.map((destination) => destination.append(entries)));
    return queued.includes(true);
  }

  function writeMetadata(metadata: readonly MetricMetadata[]): void {
    const fresh = known.takeFresh(metadata);
    if (fresh.length > 0) void queueMetadata(fresh, destinations);
  }

  async function queueMetadata(metadata: readonly MetricMetadata[], takers: readonly Destination[]): Promise<void> {
    try {
      const { queued } = await inTurn(async () => {
        const payload = await encodeMetadata(metadata);
        const appends = encodings.map((encoding) => {
          // Beside the shards of samples: metadata needs no order but its own.
          const tag = encodeTag({ number: encoding.shards, of: encoding.shards });
          const served = takers.filter(({ config }) => encoding.serves(config));
          return appendTo(served, [{ payload, items: 0, tag }]);
        });
        return { queued: Promise.all(appends) };
      });
      if (!(await queued).includes(true)) known.forget(metadata);
    } catch (error) {
      known.forget(metadata);
      logger.warn({ error: String(error) }, 'metadata could not be queued');
    }
  }

  /** A destination whose configuration is the same goes on with its queue and connections. */
  async function prepare(configs: readonly RemoteWriteConfig[]): Promise<PreparedChange> {
    checkNames(configs);
    return {
      commit() {
        const before = destinations;
        const kept = before.filter((one) => configs.some((config) => isDeepStrictEqual(config, one.config)));
        const removed = before.filter((one) => !kept.includes(one));
        for (const one of removed)
          leave(
            one,
            configs.some((config) => nameOf(config) === one.name),
          );
        destinations = configs.map(
          (config) => kept.find((one) => isDeepStrictEqual(config, one.config)) ?? join(create(config)),
        );
        encodings = Encoding.all(configs, encodings);
      },
    };
  }

  /** Starts a new destination, once an earlier one of its name has left the queue to it; what is written meanwhile waits. */
  function join(destination: Destination): Destination {
    const started = (leaving.get(destination.name) ?? Promise.resolve()).then(() => destination.start());
    started.catch((error: unknown) =>
      logger.error({ destination: destination.name, err: error }, 'the remote-write destination cannot be started'),
    );
    void inTurn(() => started.catch(() => undefined));
    const metadata = known.all();
    if (metadata.length > 0) void queueMetadata(metadata, [destination]);
    return destination;
  }

  /** Stops a destination in the background. One that another of its name follows leaves it what waits. */
  function leave(destination: Destination, replaced: boolean): void {
    const { name } = destination;
    logger.info({ destination: name, replaced }, 'a remote-write destination is no longer configured so');
    leaving.set(name, sendRest(destination, replaced));
  }

  async function sendRest(destination: Destination, replaced: boolean): Promise<void> {
    const { name } = destination;
    await destination.stop(replaced ? 0 : undefined);
    const { pendingBytes } = destination;
    if (!replaced && pendingBytes > 0)
      logger.warn(
        { destination: name, pendingBytes },
        'a removed remote-write destination left unsent samples on disk',
      );
  }

  return {
    name: 'remote write',
    write,
    writeMetadata,
    prepare,
    status: () => destinations.map(({ name, pendingBytes }) => ({ destination: name, pendingBytes })),
    async start() {
      for (const destination of destinations) await destination.start();
    },
    async stop() {
      await lastInTurn;
      await Promise.all([...destinations.map((destination) => destination.stop()), ...leaving.values()]);
    },
  };
}

/** Two destinations of one name would share a queue. */
function checkNames(configs: readonly RemoteWriteConfig[]): void {
  const names = configs.map(nameOf);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new Error(
      `ship.metrics: two destinations are named ${JSON.stringify(twice)}; give each a \`name\` of its own`,
    );
}
