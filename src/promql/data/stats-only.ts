import type { SeriesColumns } from '../../model/query.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { detectReset } from '../histogram/index.ts';

/**
 * The series with histograms that have only count and sum, and what is known of resets as a hint: all that
 * `histogram_count` and its like need, and what Prometheus reads for them, so that the annotations are the same.
 */
export function statsOnly(series: SeriesColumns): SeriesColumns {
  if (series.histograms === undefined) return series;
  let previous: FloatHistogram | undefined;
  const histograms = series.histograms.map((histogram) => {
    if (histogram === undefined) return undefined;
    const reduced: FloatHistogram = { ...histogram, ...NO_BUCKETS, counterReset: hintOf(histogram, previous) };
    previous = histogram;
    return reduced;
  });
  return { ...series, histograms };
}

const NO_BUCKETS = {
  customValues: [],
  zeroThreshold: 0,
  zeroCount: 0,
  positiveSpans: [],
  positiveBuckets: [],
  negativeSpans: [],
  negativeBuckets: [],
};

function hintOf(histogram: FloatHistogram, previous: FloatHistogram | undefined) {
  if (histogram.counterReset !== 'unknown' || previous === undefined) return histogram.counterReset;
  return detectReset(histogram, previous) ? 'reset' : 'not_reset';
}
