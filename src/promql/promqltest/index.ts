export type { MemoryValue } from './memory-store.ts';
export type { SeriesDescription } from './series-notation.ts';
export { StoredHints } from './load.ts';
export { MemoryStore } from './memory-store.ts';
export { parseMetricDescription, parseSeriesDescription, parseSeriesValues } from './series-notation.ts';
