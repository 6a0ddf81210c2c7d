import type { Logger } from '../lib/logger.ts';
import type { Service } from '../lib/run-group.ts';
import type { MetricMetadata, SampleBatch, WriteMetadata, WriteOutcome, WriteSeries } from '../model/sample.ts';
import type { RemoteWriteConfig } from './config.ts';
import { Destination } from './destination.ts';
import { encodeMetadata } from './encode-message.ts';
import { Encoder } from './encode.ts';

export { type RemoteWriteConfig, remoteWriteSchema } from './config.ts';

export interface RemoteWriteOptions {
  readonly destinations: readonly RemoteWriteConfig[];
  /** Holds the queues. */
  readonly dataDir: string;
  /** Milliseconds that `stop` may spend on sending what waits. Default 5 s. */
  readonly drainWithin?: number;
  readonly logger: Logger;
}

export interface RemoteWrite extends Service {
  readonly write: WriteSeries;
  readonly writeMetadata: WriteMetadata;
  status(): readonly { readonly destination: string; readonly pendingBytes: number }[];
}

const METADATA_LANE = 0xffff_ffff;

/** The second half of the metric walk: encode → queue on disk → send, to every destination. */
export function createRemoteWrite({
  destinations: configs,
  dataDir,
  drainWithin = 5000,
  logger,
}: RemoteWriteOptions): RemoteWrite {
  const destinations = configs.map((config) => new Destination(config, dataDir, drainWithin, logger));
  const encoder = new Encoder(Math.min(...configs.map((config) => config.queue_config.max_samples_per_send)));
  const known = new Map<string, string>();
  let metadataQueued = Promise.resolve();

  async function write(batch: SampleBatch): Promise<WriteOutcome> {
    const blocks = await encoder.encode(batch);
    const appended = destinations.flatMap((destination) =>
      blocks.map((block) => destination.append({ payload: block.payload, items: block.samples, lane: block.lane })),
    );
    await Promise.all(appended);
    return { accepted: batch.values.length, refused: {} };
  }

  function writeMetadata(metadata: readonly MetricMetadata[]): void {
    const fresh = metadata.filter((entry) => isFresh(known, entry));
    if (fresh.length === 0) return;
    // One after the other: compression ends when it likes, and the newer words must arrive last.
    metadataQueued = metadataQueued.then(() => queueMetadata(fresh));
  }

  async function queueMetadata(metadata: readonly MetricMetadata[]): Promise<void> {
    try {
      const payload = await encodeMetadata(metadata);
      await Promise.all(
        destinations.map((destination) => destination.append({ payload, items: 0, lane: METADATA_LANE })),
      );
    } catch (error) {
      logger.warn({ error: String(error) }, 'metadata could not be queued');
    }
  }

  return {
    name: 'remote write',
    write,
    writeMetadata,
    status: () => destinations.map(({ name, pendingBytes }) => ({ destination: name, pendingBytes })),
    async start() {
      for (const destination of destinations) await destination.start();
    },
    async stop() {
      await metadataQueued;
      await Promise.all(destinations.map((destination) => destination.stop()));
    },
  };
}

/** Metadata changes about never; it is sent when it is new or differs from what was sent. */
function isFresh(known: Map<string, string>, { metric, type, unit, help }: MetricMetadata): boolean {
  const text = `${type} ${unit} ${help}`;
  if (known.get(metric) === text) return false;
  if (known.size > 50_000) known.clear();
  known.set(metric, text);
  return true;
}
