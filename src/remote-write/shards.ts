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

/** Labels that say where a series comes from. The series of one place compress well only when they are in one body. */
const PLACE = ['instance', 'job', 'namespace', 'pod'];

/**
 * The shard of a series, from its labels alone: the same for every object that stands for the series, for a scrape and for a
 * rule, before a restart and behind it. Series of one place are in one shard. Those without a place are divided by all labels but
 * the name. FNV-1a.
 */
export function shardNumber(labels: Labels, shards: number): number {
  if (shards === 1) return 0;
  let hash = 0x811c9dc5;
  let placed = false;
  const { flat } = labels;
  for (let i = 0; i < flat.length; i += 2) {
    if (!PLACE.includes(flat[i])) continue;
    placed = true;
    hash = hashText(hashText(hash, flat[i]), flat[i + 1]);
  }
  if (!placed) hash = hashText(hash, labels.without('__name__').key);
  return ((hash ^ (hash >>> 15)) >>> 0) % shards;
}

function hashText(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return Math.imul(hash, 0x01000193);
}
