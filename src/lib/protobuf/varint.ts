/** Protobuf by hand for the few shapes of a WriteRequest whose bytes are kept and patched. Source: protobuf encoding guide. */

export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Writes an unsigned whole number up to 2^53; returns the index after it. */
export function putVarint(out: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest > 127) {
    out[at++] = (rest & 127) | 128;
    rest = Math.floor(rest / 128);
  }
  out[at++] = rest;
  return at;
}

/** A millisecond time between 1971 and 2109 takes exactly this many bytes, so that it can be patched in place. */
export const TIMESTAMP_BYTES = 6;

export function fitsTimestamp(ms: number): boolean {
  return ms >= 2 ** 35 && ms < 2 ** 42;
}

export function putTimestamp(out: Uint8Array, at: number, ms: number): void {
  const low = ms % 0x10000000;
  const high = Math.floor(ms / 0x10000000);
  out[at] = (low & 127) | 128;
  out[at + 1] = ((low >>> 7) & 127) | 128;
  out[at + 2] = ((low >>> 14) & 127) | 128;
  out[at + 3] = ((low >>> 21) & 127) | 128;
  out[at + 4] = (high & 127) | 128;
  out[at + 5] = high >>> 7;
}
