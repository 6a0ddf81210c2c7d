import type { Labels } from '../model/labels.ts';

/** Bodies of one shard hold the same series and are sent one after the other; their order in the queue is the order of sending. */
export interface ShardTag {
  readonly number: number;
  /** How many shards the series were divided among. Bodies of another division may hold the same series in any shard. */
  readonly of: number;
  /** Holds histograms or exemplars: receivers may take the floats of a request first, so it is not merged with others. */
  readonly single?: boolean;
}

const SINGLE = 0x8000;

/** The shard as a number that stands beside a body in the queue on disk. */
export function encodeTag({ number, of, single = false }: ShardTag): number {
  return of * 0x10000 + (single ? SINGLE : 0) + number;
}

export function decodeTag(tag: number): Required<ShardTag> {
  return { number: tag & (SINGLE - 1), of: tag >>> 16, single: (tag & SINGLE) !== 0 };
}

/** What series are divided by: those that differ in their name only go together, for they compress together. */
export function shardKey(labels: Labels): string {
  return labels.without('__name__').key;
}

/**
 * The shard of a series, from its labels alone: the same for every object that stands for the series, for a scrape and for a
 * rule, before a restart and behind it. FNV-1a.
 */
export function shardNumber(key: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % shards;
}
