import type { Series, SampleBatch, SeriesLayout } from '../model/sample.ts';
import { compareUtf8, type Labels } from '../model/labels.ts';
import { wordsOf } from '../model/sample.ts';
import { type EncodedBlock, encodeOddSamples } from './encode-message.ts';
import { type SnappyTemplate, TIME_AFTER_VALUE, buildTemplate } from './snappy-template.ts';
import { fitsTimestamp, putTimestamp } from '../lib/protobuf/varint.ts';

/** The series that share a template. Series stay in their block for life, so that one that comes or goes rebuilds one block. */
interface Block {
  readonly lane: number;
  readonly series: readonly Series[];
  readonly template: SnappyTemplate;
}

/** A block as it lies in one layout: `places[j]` is where the layout has the block's series `j`. */
interface PlacedBlock {
  readonly block: Block;
  readonly places: Uint32Array;
}

/**
 * Turns batches into remote-write bodies. A layout that was seen before costs a copy of its blocks and 14 patched bytes a
 * series; a new one costs its new blocks, built in slices so that the event loop is held for a few milliseconds only.
 */
export class Encoder {
  readonly #maxSamples: number;
  readonly #placed = new WeakMap<SeriesLayout, readonly PlacedBlock[]>();
  readonly #blockOf = new WeakMap<Series, Block>();
  #lanes = 0;

  /** @param maxSamples the most series of a block (`max_samples_per_send`). */
  constructor(maxSamples: number) {
    this.#maxSamples = maxSamples;
  }

  async encode(batch: SampleBatch): Promise<EncodedBlock[]> {
    if (hasOddSamples(batch)) return encodeOddSamples(batch, this.#maxSamples, ODD_LANE);
    const placed = this.#placed.get(batch.layout) ?? (await this.#place(batch.layout));
    return placed.map((block) => fill(block, batch));
  }

  async #place(layout: SeriesLayout): Promise<readonly PlacedBlock[]> {
    const placed: PlacedBlock[] = [];
    for (const { block, places } of this.#keepWhole(layout)) placed.push({ block, places });
    const kept = new Set(placed.flatMap(({ places }) => [...places]));
    const rest = layout.series.map((_, place) => place).filter((place) => !kept.has(place));
    const sorted = sortForCompression(layout.series, rest);
    for (let from = 0, to = 0; from < sorted.length; from = to) {
      to = blockEnd(layout.series, sorted, from, this.#maxSamples);
      const places = Uint32Array.from(sorted.slice(from, to));
      placed.push({ block: this.#build(Array.from(places, (place) => layout.series[place])), places });
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#placed.set(layout, placed);
    return placed;
  }

  /** The blocks all of whose series are in the layout still, unless they have become so small that merging them pays. */
  #keepWhole(layout: SeriesLayout): PlacedBlock[] {
    const found = new Map<Block, Map<Series, number>>();
    layout.series.forEach((series, place) => {
      const block = this.#blockOf.get(series);
      if (block === undefined) return;
      const places = found.get(block) ?? new Map<Series, number>();
      places.set(series, place);
      found.set(block, places);
    });
    const whole = [...found].filter(([block, places]) => places.size === block.series.length);
    const few = whole.length <= 2 * Math.ceil(layout.series.length / this.#maxSamples) + 1;
    return whole
      .filter(([block]) => few || block.series.length > this.#maxSamples / 4)
      .map(([block, places]) => ({
        block,
        places: Uint32Array.from(block.series, (series) => places.get(series) as number),
      }));
  }

  #build(series: readonly Series[]): Block {
    const block: Block = { lane: ++this.#lanes, series, template: buildTemplate(series.map(({ labels }) => labels)) };
    for (const one of series) this.#blockOf.set(one, block);
    return block;
  }
}

/** UTF-16 units of a block's labels. A series that is longer by itself has a block of its own: refused, it takes no other along. */
const MOST_TEXT = 4 << 20;

/** Samples that do not fit a template: their series may be in other lanes too. */
export const ODD_LANE = 0;

function hasOddSamples({ histograms, exemplars, timestamps }: SampleBatch): boolean {
  if (histograms?.some((histogram) => histogram !== undefined) || (exemplars !== undefined && exemplars.length > 0))
    return true;
  for (let i = 0; i < timestamps.length; i++) if (!fitsTimestamp(timestamps[i])) return true;
  return false;
}

function fill({ block, places }: PlacedBlock, batch: SampleBatch): EncodedBlock {
  const { bytes, slots } = block.template;
  const payload = Buffer.from(bytes);
  const words = wordsOf(batch.values);
  const { timestamps } = batch;
  for (let j = 0; j < places.length; j++) {
    const place = places[j];
    const slot = slots[j];
    // By words: a staleness marker must arrive bit for bit.
    payload.writeInt32LE(words[2 * place] | 0, slot);
    payload.writeInt32LE(words[2 * place + 1] | 0, slot + 4);
    putTimestamp(payload, slot + TIME_AFTER_VALUE, timestamps[place]);
  }
  return { payload, samples: places.length, lane: block.lane };
}

/** Where the block that begins at `from` ends: at its most series, or where their texts are so long that few receivers take more. */
function blockEnd(series: readonly Series[], places: readonly number[], from: number, most: number): number {
  let length = 0;
  let to = from;
  for (; to < places.length && to - from < most; to++) {
    for (const text of series[places[to]].labels.flat) length += text.length;
    if (length > MOST_TEXT && to > from) break;
  }
  return to;
}

/** Series that differ only in their name lie together, so that matches fall into snappy's 64 KiB window: half the bytes. */
function sortForCompression(series: readonly Series[], places: readonly number[]): number[] {
  const keyed = places.map((place) => ({ place, key: keyWithoutName(series[place].labels) }));
  return keyed.sort((a, b) => compareUtf8(a.key, b.key) || a.place - b.place).map(({ place }) => place);
}

function keyWithoutName(labels: Labels): string {
  return labels.without('__name__').key;
}
