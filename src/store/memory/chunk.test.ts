import { array, assert, bigInt, constantFrom, integer, oneof, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STALE_HIGH, STALE_LOW, wordsOf } from '../../model/sample.ts';
import { createSegment, decodeChunk, encodeChunk, worstChunkSize } from './chunk.ts';

const AT = 64;

/** Puts the samples through a chunk; returns what comes back, values as their bits. */
function throughChunk(times: readonly number[], values: Float64Array): { times: number[]; bits: string[] } {
  const count = times.length;
  const segment = createSegment(AT + worstChunkSize(count));
  const taken = encodeChunk(segment, AT, -1, Float64Array.from(times), values, 0, count);
  expect(taken).toBeLessThanOrEqual(worstChunkSize(count));
  const [outTimes, outValues] = [new Float64Array(count), new Float64Array(count)];
  const end = decodeChunk(segment, AT, -Infinity, Infinity, outTimes, outValues, wordsOf(outValues), 0);
  return { times: [...outTimes.subarray(0, end)], bits: bitsOf(outValues.subarray(0, end)) };
}

function bitsOf(values: Float64Array): string[] {
  return [...new BigUint64Array(values.buffer, values.byteOffset, values.length)].map((bits) => bits.toString(16));
}

function expectSame(values: readonly bigint[] | Float64Array, times?: readonly number[]): void {
  const column = values instanceof Float64Array ? values : new Float64Array(BigUint64Array.from(values).buffer);
  const own = times ?? Array.from(column, (_, i) => 1_700_000_000_000 + 15_000 * i);
  const back = throughChunk(own, column);
  expect(back.bits).toEqual(bitsOf(column));
  expect(back.times).toEqual(own);
}

function bitsOfNumber(value: number): bigint {
  return new BigUint64Array(Float64Array.of(value).buffer)[0];
}

const STALE = (BigInt(STALE_HIGH) << 32n) | BigInt(STALE_LOW);

/** Values with few decimals of every size, of one magnitude and of many: what a product with a power of ten rounds. */
const scale = constantFrom(1, 10, 100, 1000, 1e4);
const decimal = oneof(
  array(
    oneof(integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), integer({ min: -(2 ** 53), max: 2 ** 53 })).chain((whole) =>
      scale.map((by) => whole / by),
    ),
    { minLength: 1, maxLength: 40 },
  ),
  integer({ min: 0, max: 53 }).chain((power) =>
    array(
      integer({ min: -10_000, max: 10_000 }).chain((part) => scale.map((by) => 2 ** power + part / by)),
      { minLength: 1, maxLength: 8 },
    ),
  ),
);

const special = constantFrom(
  ...[0, -0, 1, -1, 0.1, 5e-324, -5e-324, 2.2e-308, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 1.7e308, Infinity, -Infinity].map(
    bitsOfNumber,
  ),
  STALE,
  0x7ff8000000000000n,
  0x7ff8000000000001n,
  0xfff8000000000000n,
  0x7ff0000000000001n,
  0xffffffffffffffffn,
);

describe('a chunk returns the bits that it was given', () => {
  it('of large decimals with different numbers of digits', () => {
    expectSame(Float64Array.of(4407952794436.4, 4407952794436.49, 4407952794436.039));
  });

  it('of decimals of every size', () => {
    assert(
      property(decimal, (values) => expectSame(Float64Array.from(values))),
      { numRuns: 5000 },
    );
  });

  it('of any bits: subnormals, negative zero, NaNs, infinities, staleness markers', () => {
    const bits = oneof(
      special,
      bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      integer({ min: -9, max: 9 }).map(bitsOfNumber),
    );
    assert(
      property(array(bits, { minLength: 1, maxLength: 255 }), (values) => expectSame(values)),
      { numRuns: 1000 },
    );
  });

  it('of integers past 2^53 and of spreads at each width', () => {
    const near = [255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32];
    for (const base of [0, -5, 2 ** 31, 2 ** 52, 2 ** 53 - 300, 2 ** 53, 2 ** 60]) {
      for (const spread of near) expectSame(Float64Array.of(base, base + spread, base + 1));
    }
  });

  it('of any ascending times', () => {
    const step = oneof(integer({ min: 1, max: 300 }), integer({ min: 1, max: 2 ** 33 }), constantFrom(15_000, 2 ** 45));
    assert(
      property(
        integer({ min: -(2 ** 51), max: 2 ** 51 }),
        array(step, { minLength: 1, maxLength: 60 }),
        (first, steps) => {
          let time = first;
          const times = steps.map((one) => (time += one));
          expectSame(
            Float64Array.from(times, (_, i) => i / 8),
            times,
          );
        },
      ),
      { numRuns: 1000 },
    );
  });
});
