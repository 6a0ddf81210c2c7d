export type { Sum } from './arithmetic.ts';
export type { HistogramJson } from './format.ts';
export type { Compensated } from './zero-bucket.ts';
export {
  IncompatibleSchemaError,
  add,
  addCompensated,
  divide,
  divideCompensated,
  multiply,
  multiplyCompensated,
  settle,
  sub,
} from './arithmetic.ts';
export { detectReset } from './counter-reset.ts';
export { formatG, formatHistogram, formatValue, histogramToJson, histogramToTestExpression } from './format.ts';
export { compact, emptyLike, equals, hasOverflow, toSchema, withHint } from './histogram.ts';
export { KahanSum } from './kahan.ts';
export { histogramFraction, histogramQuantile } from './quantile.ts';
export { CUSTOM_SCHEMA, isCustom } from './schema.ts';
export { histogramAvg, histogramStddev, histogramStdvar } from './statistics.ts';
export { trimLower, trimUpper } from './trim.ts';
export { validateHistogram } from '../../model/validate-histogram.ts';
