import type { SeriesColumns } from '../model/query.ts';
import type { FloatHistogram } from '../model/sample.ts';
import { detectReset } from './histogram/index.ts';

/**
 * The series with histograms that have only count and sum, and what is known of resets as a hint: all that
 * `histogram_count` and its like need, and what Prometheus reads for them, so that the annotations are the same.
 */
export function statsOnly(series: SeriesColumns): SeriesColumns {
  if (series.histograms === undefined) return series;
  let previous: FloatHistogram | undefined;
  const histograms = series.histograms.map((histogram) => {
    if (histogram === undefined) return undefined;
    const { count, sum } = histogram;
    const reduced: FloatHistogram = { ...EMPTY, counterReset: hintOf(histogram, previous), count, sum };
    previous = histogram;
    return reduced;
  });
  return { ...series, histograms };
}

const EMPTY: FloatHistogram = {
  schema: 0,
  counterReset: 'unknown',
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positiveSpans: [],
  positiveBuckets: [],
  negativeSpans: [],
  negativeBuckets: [],
  customValues: [],
};

function hintOf(histogram: FloatHistogram, previous: FloatHistogram | undefined) {
  if (histogram.counterReset !== 'unknown' || previous === undefined) return histogram.counterReset;
  return detectReset(histogram, previous) ? 'reset' : 'not_reset';
}
