import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogBatch } from './log.ts';
import { RecordHash } from './record-hash.ts';

interface Line {
  readonly content: Uint8Array;
  readonly offset: number;
  readonly ms: number;
  readonly nanos: number;
  readonly isUntimed: boolean;
}

const line = fc.record({
  content: fc.uint8Array({ maxLength: 40 }),
  offset: fc.integer({ min: 0, max: 2 ** 48 }),
  ms: fc.integer({ min: 1e12, max: 2e12 }),
  nanos: fc.integer({ min: 0, max: 999_999 }),
  isUntimed: fc.boolean(),
});

/** `at`: where the content lies in the batch's buffer. */
function hashOf({ content, offset, ms, nanos, isUntimed }: Line, at = 0): string {
  const bytes = Buffer.concat([Buffer.alloc(at, 7), content, Buffer.alloc(9, 7)]);
  const batch: LogBatch = {
    source: { id: '', path: '', fields: {} },
    count: 1,
    bytes,
    starts: Uint32Array.of(at),
    ends: Uint32Array.of(at + content.length),
    offsets: Float64Array.of(offset),
    timestamps: Float64Array.of(ms),
    nanos: Uint32Array.of(nanos),
    streams: Uint8Array.of(1),
    untimed: Uint8Array.of(isUntimed ? 1 : 0),
  };
  const hash = new RecordHash();
  hash.of(batch, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
  return `${hash.high} ${hash.low}`;
}

test('the same line has the same hash wherever it lies in a buffer', () => {
  fc.assert(fc.property(line, fc.nat(20), (one, at) => hashOf(one, at) === hashOf(one)));
});

test('when a line without a time is read does not matter', () => {
  fc.assert(
    fc.property(line, fc.nat(1e6), (one, later) => {
      const untimed = { ...one, isUntimed: true };
      return hashOf({ ...untimed, ms: one.ms + later }) === hashOf(untimed);
    }),
  );
});

test('other content, offset or time has another hash', () => {
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(line, (one) => {
      const { content, ...rest } = one.isUntimed ? { ...one, ms: 0, nanos: 0 } : one;
      const key = JSON.stringify([Buffer.from(content).toString('hex'), rest]);
      const hash = hashOf(one);
      expect(seen.get(hash) ?? key).toBe(key);
      seen.set(hash, key);
    }),
    { numRuns: 5000 },
  );
});

test('a change of one bit, wherever it is, changes the hash', () => {
  fc.assert(
    fc.property(
      line.filter(({ content }) => content.length > 0),
      fc.nat(),
      fc.nat(7),
      (one, place, bit) => {
        const changed = Uint8Array.from(one.content);
        changed[place % changed.length] ^= 1 << bit;
        expect(hashOf({ ...one, content: changed })).not.toBe(hashOf(one));
      },
    ),
  );
});
