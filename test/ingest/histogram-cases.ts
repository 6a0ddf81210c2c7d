import type { WrittenHistogram } from './encode-write.ts';

type Case = readonly [name: string, histogram: Omit<WrittenHistogram, 'at'>];

const GOOD = {
  count: 6,
  sum: 10,
  zeroThreshold: 0.001,
  zeroCount: 1,
  positive: { spans: [[0, 2], [1, 1]], counts: [1, 2, 2] }, // prettier-ignore
} as const;

const CUSTOM = {
  schema: -53,
  count: 3,
  sum: 4,
  custom: [1, 2.5, 10],
  positive: { spans: [[0, 2]], counts: [1, 2] },
} as const;

const positive = (spans: readonly (readonly [number, number])[], counts: readonly number[]) => ({
  positive: { spans, counts },
});
const negative = (spans: readonly (readonly [number, number])[], counts: readonly number[]) => ({
  negative: { spans, counts },
});

/** Native histograms, good and bad; each is tried with integer and with float counts. */
export const HISTOGRAMS: readonly Case[] = [
  ['a good one', GOOD],
  ['both sides', { ...GOOD, count: 9, ...negative([[-3, 2]], [1, 2]) }],
  ['no observation', { count: 0 }],
  ['a staleness marker', { count: 0, stale: true }],
  ['a staleness marker with buckets', { ...GOOD, stale: true }],
  ['a staleness marker with a bad bucket', { ...GOOD, ...positive([[0, 4]], [1, 2, 2]), stale: true }],
  ['count above the sum of buckets', { ...GOOD, count: 99 }],
  ['count below the sum of buckets', { ...GOOD, count: 3 }],
  ['a NaN sum, count above the sum of buckets', { ...GOOD, count: 99, sum: Number.NaN }],
  ['a NaN sum, count below the sum of buckets', { ...GOOD, count: 3, sum: Number.NaN }],
  ['a positive bucket below zero', { ...GOOD, count: 2, ...positive([[0, 2]], [3, -2]) }],
  ['a negative bucket below zero', { ...GOOD, count: 4, ...negative([[0, 1]], [-2]) }],
  ['more buckets than spans', { ...GOOD, ...positive([[0, 2]], [1, 2, 2]) }],
  ['fewer buckets than spans', { ...GOOD, ...positive([[0, 4]], [1, 2, 2]) }],
  ['negative side: more buckets than spans', { ...GOOD, count: 8, ...negative([[0, 1]], [1, 1]) }],
  ['a span as long as can be', { ...GOOD, ...positive([[0, 4294967295]], [1, 2, 2]) }],
  ['a negative offset of the first span', { ...GOOD, ...positive([[-7, 3]], [1, 2, 2]) }],
  ['a negative offset of the second span', { ...GOOD, ...positive([[0, 2], [-1, 1]], [1, 2, 2]) }], // prettier-ignore
  ['schema 8', { ...GOOD, schema: 8 }],
  ['schema -4', { ...GOOD, schema: -4 }],
  ['schema -5', { ...GOOD, schema: -5 }],
  ['schema 9', { ...GOOD, schema: 9 }],
  ['schema 30', { ...GOOD, schema: 30 }],
  ['schema 52', { ...GOOD, schema: 52 }],
  ['schema 53', { ...GOOD, schema: 53 }],
  ['schema 60', { ...GOOD, schema: 60 }],
  ['schema 100', { ...GOOD, schema: 100 }],
  ['schema -54', { ...GOOD, schema: -54 }],
  ['schema 9 with a bad count', { ...GOOD, schema: 9, count: 99 }],
  ['schema 10, far buckets on both sides', { ...GOOD, schema: 10, count: 11, ...negative([[-3000, 2], [5000, 1]], [1, 2, 2]) }], // prettier-ignore
  ['custom bounds', CUSTOM],
  ['custom bounds, the last bucket is the one to infinity', { ...CUSTOM, ...positive([[2, 2]], [1, 2]) }],
  ['custom bounds that fall', { ...CUSTOM, custom: [1, 3, 2] }],
  ['custom bounds twice the same', { ...CUSTOM, custom: [1, 1, 2] }],
  ['a custom bound that is NaN', { ...CUSTOM, custom: [1, Number.NaN, 2] }],
  ['a custom bound that is infinite', { ...CUSTOM, custom: [1, 2, Infinity] }],
  ['too few custom bounds', { ...CUSTOM, ...positive([[4, 2]], [1, 2]) }],
  ['custom bounds with a zero count', { ...CUSTOM, zeroCount: 1, count: 4 }],
  ['custom bounds with a zero threshold', { ...CUSTOM, zeroThreshold: 0.1 }],
  ['custom bounds with negative spans', { ...CUSTOM, count: 4, ...negative([[0, 1]], [1]) }],
  ['custom bounds, a negative first offset', { ...CUSTOM, ...positive([[-1, 2]], [1, 2]) }],
  ['custom bounds, a wrong count', { ...CUSTOM, count: 5 }],
  ['no custom bound at all', { ...CUSTOM, custom: [], count: 1, ...positive([[0, 1]], [1]) }],
  ['exponential with custom bounds', { ...GOOD, custom: [1, 2] }],
  ['a zero threshold below zero', { ...GOOD, zeroThreshold: -1 }],
  ['a NaN zero threshold', { ...GOOD, zeroThreshold: Number.NaN }],
  ['an infinite sum', { ...GOOD, sum: Infinity }],
];

/** Only float counts can be these. */
export const FLOAT_HISTOGRAMS: readonly Case[] = [
  ['a count below zero', { ...GOOD, count: -1 }],
  ['a NaN count', { ...GOOD, count: Number.NaN }],
  ['a zero count below zero', { ...GOOD, zeroCount: -1, count: 4 }],
  ['a NaN bucket', { ...GOOD, ...positive([[0, 3]], [1, Number.NaN, 2]) }],
  ['an infinite bucket', { ...GOOD, ...positive([[0, 3]], [1, Infinity, 2]) }],
];
