import type { Labels } from '../../model/labels.ts';

/**
 * Where a series stands between 0 and 1: its hash as a part of all hashes. `limit_ratio` of Prometheus picks by it, so
 * that the same series are picked everywhere: XXH64 over each name and value with its length before it.
 */
export function hashRatio(labels: Labels): number {
  const hash = xxh64(encode(labels));
  return Number(hash) / 2 ** 64;
}

/** One byte of length below 255, else 255 and three bytes, little-endian. */
function encode(labels: Labels): Buffer {
  const parts: Buffer[] = [];
  for (const text of labels.flat) {
    const bytes = Buffer.from(text);
    const { length } = bytes;
    parts.push(
      Buffer.from(length < 255 ? [length] : [255, length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff]),
      bytes,
    );
  }
  return Buffer.concat(parts);
}

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const wrap = (value: bigint) => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint) => wrap((value << by) | (value >> (64n - by)));
const round = (accumulator: bigint, input: bigint) => wrap(rotate(wrap(accumulator + input * P2), 31n) * P1);

/** XXH64 with seed 0 (source: the xxHash specification). */
export function xxh64(bytes: Buffer): bigint {
  let at = 0;
  let hash = P5;
  if (bytes.length >= 32) {
    const lanes = [wrap(P1 + P2), P2, 0n, wrap(-P1)];
    for (; at + 32 <= bytes.length; at += 32) {
      for (let lane = 0; lane < 4; lane++) lanes[lane] = round(lanes[lane], bytes.readBigUInt64LE(at + 8 * lane));
    }
    const [a, b, c, d] = lanes;
    hash = wrap(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
    for (const lane of lanes) hash = wrap((hash ^ round(0n, lane)) * P1 + P4);
  }
  hash = wrap(hash + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) {
    hash = wrap(rotate(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * P1 + P4);
  }
  if (at + 4 <= bytes.length) {
    hash = wrap(rotate(hash ^ wrap(BigInt(bytes.readUInt32LE(at)) * P1), 23n) * P2 + P3);
    at += 4;
  }
  for (; at < bytes.length; at++) hash = wrap(rotate(hash ^ wrap(BigInt(bytes[at]) * P5), 11n) * P1);
  hash = wrap((hash ^ (hash >> 33n)) * P2);
  hash = wrap((hash ^ (hash >> 29n)) * P3);
  return hash ^ (hash >> 32n);
}
