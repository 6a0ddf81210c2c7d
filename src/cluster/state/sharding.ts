import { createHash } from 'node:crypto';
import type { KubeObject } from '../../model/kubernetes.ts';

/** Whether an object belongs to a shard: the MD5 of its UID, as a number, modulo the number of shards. */
export function keepsShard(shard: number, shards: number): (object: KubeObject) => boolean {
  if (shards === 1) return () => true;
  return ({ metadata: { uid } }) => {
    const digest = createHash('md5').update(uid).digest('hex');
    return Number(BigInt(`0x${digest}`) % BigInt(shards)) === shard;
  };
}
