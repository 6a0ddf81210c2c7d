import { array, assert, constantFrom, double, integer, oneof, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { markStale, wordsOf } from '../../model/sample.ts';
import { CHUNK_SAMPLES, xorChunk } from './xor-chunk.ts';

type Sample = readonly [timestamp: number, bits: bigint];

/** Written after the description of the format, with whole 64-bit numbers, to be held against the encoder. */
function decode(chunk: Uint8Array): Sample[] {
  const text = Array.from(chunk, (byte) => byte.toString(2).padStart(8, '0')).join('');
  let at = 0;
  const bits = (count: number): bigint => BigInt(`0b0${text.slice(at, (at += count))}`);
  const bit = (): boolean => bits(1) === 1n;
  const uvarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bits(8);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  };
  const difference = (): bigint => {
    for (const size of [0, 14, 17, 20]) {
      if (bit()) continue;
      const value = bits(size);
      return value > 1n << BigInt(Math.max(0, size - 1)) ? value - (1n << BigInt(size)) : value;
    }
    return BigInt.asIntN(64, bits(64));
  };
  const count = Number(bits(16));
  const first = uvarint();
  let time = (first & 1n) === 1n ? -(first >> 1n) - 1n : first >> 1n;
  let value = bits(64);
  let delta = 0n;
  let [leading, length] = [0n, 0n];
  const samples: Sample[] = [];
  for (let i = 0; i < count; i++) {
    if (i > 0) {
      delta = i === 1 ? uvarint() : delta + difference();
      time += delta;
      if (bit()) {
        if (bit()) [leading, length] = [bits(5), bits(6) || 64n];
        value ^= bits(Number(length)) << (64n - leading - length);
      }
    }
    samples.push([Number(time), value]);
  }
  expect(text.length - at, 'nothing but the rest of a byte is left').toBeLessThan(8);
  return samples;
}

function decoded(timestamps: Float64Array, values: Float64Array): Sample[] {
  return decode(xorChunk(timestamps, wordsOf(values), 0, timestamps.length));
}

function plain(timestamps: Float64Array, values: Float64Array): Sample[] {
  const bits = new BigUint64Array(values.buffer);
  return Array.from(timestamps, (time, i) => [time, bits[i]]);
}

test('a staleness marker and every kind of number come back bit for bit', () => {
  const values = Float64Array.of(
    0,
    -0,
    1,
    1,
    -1,
    NaN,
    Infinity,
    -Infinity,
    5e-324,
    1.7976931348623157e308,
    0.1,
    1e21,
    0,
  );
  markStale(wordsOf(values), values.length - 1);
  const timestamps = values.map((_, i) => i * 15_000);
  expect(decoded(timestamps, values)).toEqual(plain(timestamps, values));
});

test('steps of any length come back, at the edges of each size too', () => {
  const changes = [0, 8191, 8192, 8193, 65535, 65536, 65537, 524287, 524288, 524289, 2 ** 33, 2 ** 40];
  const steps = changes.flatMap((change) => [2 ** 41, 2 ** 41 + change, 2 ** 41, 2 ** 41 - change]);
  let time = -1_795_000_000_123;
  const timestamps = Float64Array.from(steps, (step) => (time += step));
  const values = timestamps.map(() => 1);
  expect(decoded(timestamps, values)).toEqual(plain(timestamps, values));
});

test('random samples come back', () => {
  const step = oneof(
    constantFrom(15_000, 15_001, 14_999),
    integer({ min: 1, max: 1_000_000 }),
    integer({ min: 1, max: 2 ** 31 - 1 }),
  );
  const value = oneof(double(), integer().map(Number), constantFrom(0, 1, 1.5));
  const start = integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((seconds) => seconds * 1000);
  assert(
    property(start, array(tuple(step, value), { minLength: 1, maxLength: CHUNK_SAMPLES }), (from, samples) => {
      let time = from;
      const timestamps = Float64Array.from(samples, ([by]) => (time += by));
      const values = Float64Array.from(samples, ([, number]) => number);
      expect(decoded(timestamps, values)).toEqual(plain(timestamps, values));
    }),
    { numRuns: 500 },
  );
});

test('a part of a series stands alone, and a steady one takes two bits a sample', () => {
  const timestamps = Float64Array.from({ length: 200 }, (_, i) => i * 15_000);
  const values = timestamps.map(() => 42.5);
  const chunk = xorChunk(timestamps, wordsOf(values), 70, 190);
  expect(decode(chunk)).toEqual(plain(timestamps, values).slice(70, 190));
  expect(chunk.length).toBeLessThan(50);
});
