import type { SeriesRules } from './series-builder.ts';

/** For tests of other matters. */
export const NO_LIMITS = {
  labelLimit: 0,
  labelNameLengthLimit: 0,
  labelValueLengthLimit: 0,
  legacyNames: false,
} satisfies Partial<SeriesRules>;
