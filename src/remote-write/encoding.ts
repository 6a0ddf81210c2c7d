import { isDeepStrictEqual } from 'node:util';
import type { QueueEntry } from '../lib/durable/disk-queue.ts';
import { type RelabelConfig, Relabeler } from '../relabel/relabel.ts';
import type { SampleBatch } from '../model/sample.ts';
import type { RemoteWriteConfig } from './config.ts';
import { Encoder } from './encode.ts';
import { BatchRelabeler } from './relabel.ts';
import { encodeTag } from './shards.ts';

/**
 * How samples become bodies, for all destinations with the same `write_relabel_configs`: with the smallest bodies and the most
 * shards that one of them asks for.
 */
export class Encoding {
  readonly shards: number;
  readonly #relabelConfigs: readonly RelabelConfig[];
  readonly #maxSamples: number;
  readonly #relabeler: BatchRelabeler | undefined;
  readonly #encoder: Encoder;

  private constructor(configs: readonly RelabelConfig[], maxSamples: number, shards: number) {
    this.shards = shards;
    this.#relabelConfigs = configs;
    this.#maxSamples = maxSamples;
    this.#relabeler = configs.length === 0 ? undefined : new BatchRelabeler(new Relabeler(configs));
    this.#encoder = new Encoder(maxSamples, shards);
  }

  /** The encodings of some destinations. One of `before` that would be the same goes on with what it has worked out. */
  static all(destinations: readonly RemoteWriteConfig[], before: readonly Encoding[] = []): readonly Encoding[] {
    const groups: RemoteWriteConfig[][] = [];
    for (const config of destinations) {
      const group = groups.find(([first]) =>
        isDeepStrictEqual(first.write_relabel_configs, config.write_relabel_configs),
      );
      if (group === undefined) groups.push([config]);
      else group.push(config);
    }
    return groups.map((configs) => {
      const relabel = configs[0].write_relabel_configs;
      const maxSamples = Math.min(...configs.map(({ queue_config: { max_samples_per_send: most } }) => most));
      const shards = Math.max(...configs.map(({ queue_config: { max_shards: most } }) => most));
      const same = before.find(
        (one) => one.shards === shards && one.#maxSamples === maxSamples && one.serves(configs[0]),
      );
      return same ?? new Encoding(relabel, maxSamples, shards);
    });
  }

  /** Whether a destination takes its samples encoded so. */
  serves(config: RemoteWriteConfig): boolean {
    return isDeepStrictEqual(this.#relabelConfigs, config.write_relabel_configs);
  }

  /** The entries for the queues; none where relabeling drops all. One batch at a time, as the encoder takes them. */
  async encode(batch: SampleBatch): Promise<QueueEntry[]> {
    const relabeled = this.#relabeler?.apply(batch) ?? batch;
    const blocks = await this.#encoder.encode(relabeled);
    return blocks.map(({ payload, samples, shard, single }) => ({
      payload,
      items: samples,
      tag: encodeTag({ number: shard, of: this.shards, single }),
    }));
  }
}
