import type { Series, SampleBatch, SeriesLayout } from '../model/sample.ts';
import { fitsTimestamp, putTimestamp } from '../lib/protobuf/varint.ts';
import { TimeSlice } from '../lib/time/time-slice.ts';
import { compareUtf8 } from '../model/labels.ts';
import { wordsOf } from '../model/sample.ts';
import { encodeSeries, groupExemplars } from './encode-message.ts';
import { shardNumber } from './shards.ts';
import { type SnappyTemplate, TIME_AFTER_VALUE, buildTemplate } from './snappy-template.ts';

/** The series that share a template. Series stay in their block for life, so that one that comes or goes rebuilds one block. */
interface Block {
  readonly shard: number;
  readonly series: readonly Series[];
  readonly template: SnappyTemplate;
}

/** A block as it lies in one layout: `indices[j]` is where the layout has the block's series `j`. */
interface PlacedBlock {
  readonly block: Block;
  readonly indices: Uint32Array;
}

/** One body for a remote-write endpoint, version 1.0, snappy-compressed. */
export interface EncodedBlock {
  readonly payload: Buffer;
  readonly samples: number;
  /** Number of the shard that all of its series belong to. */
  readonly shard: number;
  /** Holds what a template cannot: histograms, exemplars, unusual times. */
  readonly single: boolean;
}

/**
 * Turns batches into remote-write bodies, each of series of one shard. A layout that was seen before costs a copy of its blocks
 * and 14 patched bytes a series; a new one costs its new blocks, built in time slices.
 * Blocks with histograms, exemplars or times that a template cannot hold are written and compressed anew.
 *
 * The caller encodes one batch at a time: a batch of a new layout takes longer than the one behind it.
 */
export class Encoder {
  readonly #maxSamples: number;
  readonly #shards: number;
  readonly #placed = new WeakMap<SeriesLayout, readonly PlacedBlock[]>();
  readonly #blockOf = new WeakMap<Series, Block>();

  /** @param maxSamples the most series of a block (`max_samples_per_send`). */
  constructor(maxSamples: number, shards: number) {
    this.#maxSamples = maxSamples;
    this.#shards = shards;
  }

  async encode(batch: SampleBatch): Promise<EncodedBlock[]> {
    const placed = this.#placed.get(batch.layout) ?? (await this.#place(batch.layout));
    const exemplars = groupExemplars(batch.exemplars ?? []);
    const slice = new TimeSlice();
    const encoded: EncodedBlock[] = [];
    for (const { block, indices } of placed) {
      const single = !isRegular(block, indices, batch, exemplars);
      const payload = single ? await encodeSeries(batch, indices, exemplars) : fill(block.template, indices, batch);
      encoded.push({ payload, samples: indices.length, shard: block.shard, single });
      if (slice.due) await slice.pause();
    }
    return encoded;
  }

  async #place(layout: SeriesLayout): Promise<readonly PlacedBlock[]> {
    const placed = this.#keepWhole(layout);
    const kept = new Uint8Array(layout.series.length);
    for (const { indices } of placed) for (const index of indices) kept[index] = 1;
    const rest = this.#sort(layout.series, kept);
    const slice = new TimeSlice();
    for (let from = 0, to = 0; from < rest.length; from = to) {
      to = blockEnd(layout.series, rest, from, this.#maxSamples);
      const indices = Uint32Array.from(rest.slice(from, to), ({ index }) => index);
      placed.push({ block: this.#build(layout.series, indices, rest[from].shard), indices });
      if (slice.due) await slice.pause();
    }
    this.#placed.set(layout, placed);
    return placed;
  }

  /** The blocks all of whose series are in the layout still, unless they have become so small that merging them pays. */
  #keepWhole(layout: SeriesLayout): PlacedBlock[] {
    const found = new Map<Block, Map<Series, number>>();
    layout.series.forEach((series, index) => {
      const block = this.#blockOf.get(series);
      if (block === undefined) return;
      const indices = found.get(block) ?? new Map<Series, number>();
      indices.set(series, index);
      found.set(block, indices);
    });
    const whole = [...found].filter(([block, indices]) => indices.size === block.series.length);
    const few = whole.length <= 2 * (Math.ceil(layout.series.length / this.#maxSamples) + this.#shards);
    return whole
      .filter(([block]) => few || block.series.length > this.#maxSamples / 4)
      .map(([block, indices]) => ({
        block,
        indices: Uint32Array.from(block.series, (series) => indices.get(series) as number),
      }));
  }

  /** By shard; within it, series that differ only in their name lie together, so that matches fall into snappy's 64 KiB window: half the bytes. */
  #sort(series: readonly Series[], kept: Uint8Array): SortedSeries[] {
    const sorted: SortedSeries[] = [];
    for (let index = 0; index < series.length; index++) {
      if (kept[index] === 1) continue;
      const { labels } = series[index];
      sorted.push({ index, key: labels.without('__name__').key, shard: shardNumber(labels, this.#shards) });
    }
    return sorted.sort((a, b) => a.shard - b.shard || compareUtf8(a.key, b.key) || a.index - b.index);
  }

  #build(all: readonly Series[], indices: Uint32Array, shard: number): Block {
    const series = Array.from(indices, (index) => all[index]);
    const block: Block = { shard, series, template: buildTemplate(series.map(({ labels }) => labels)) };
    for (const one of series) this.#blockOf.set(one, block);
    return block;
  }
}

interface SortedSeries {
  readonly index: number;
  /** All labels but the name. */
  readonly key: string;
  readonly shard: number;
}

/** UTF-16 units of a block's labels. A series that is longer by itself has a block of its own: refused, it takes no other along. */
const MOST_TEXT = 4 << 20;

/** Whether a template can hold the samples of a block: floats, of a usual time, without exemplars. */
function isRegular(
  { series }: Block,
  indices: Uint32Array,
  { histograms, timestamps }: SampleBatch,
  exemplars: ReadonlyMap<Series, unknown>,
): boolean {
  for (const index of indices) {
    if (!fitsTimestamp(timestamps[index]) || histograms?.[index] !== undefined) return false;
  }
  return exemplars.size === 0 || !series.some((one) => exemplars.has(one));
}

function fill({ bytes, slots }: SnappyTemplate, indices: Uint32Array, batch: SampleBatch): Buffer {
  const payload = Buffer.from(bytes);
  const words = wordsOf(batch.values);
  const { timestamps } = batch;
  for (let j = 0; j < indices.length; j++) {
    const index = indices[j];
    const slot = slots[j];
    // By words: a staleness marker must arrive bit for bit.
    payload.writeInt32LE(words[2 * index] | 0, slot);
    payload.writeInt32LE(words[2 * index + 1] | 0, slot + 4);
    putTimestamp(payload, slot + TIME_AFTER_VALUE, timestamps[index]);
  }
  return payload;
}

/** Where the block that begins at `from` ends: with its shard, at its most series, or where their texts are so long that few receivers take more. */
function blockEnd(series: readonly Series[], sorted: readonly SortedSeries[], from: number, most: number): number {
  let length = 0;
  let to = from;
  for (; to < sorted.length && to - from < most && sorted[to].shard === sorted[from].shard; to++) {
    for (const text of series[sorted[to].index].labels.flat) length += text.length;
    if (length > MOST_TEXT && to > from) break;
  }
  return to;
}
