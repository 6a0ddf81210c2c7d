import type { FloatHistogram } from '../../model/sample.ts';
import { text } from '../annotations.ts';
import { ABSENT, HISTOGRAM } from '../data/matrix.ts';
import type { Window } from '../eval/window.ts';
import type { Compensated } from '../histogram/index.ts';
import type { Work } from '../query-slice.ts';
import { UNITS_OF_HISTOGRAM } from '../query-slice.ts';
import {
  IncompatibleSchemaError,
  addCompensated,
  divide,
  divideCompensated,
  hasOverflow,
  multiplyCompensated,
  settle,
} from '../histogram/index.ts';

/** sum_over_time where all samples are histograms. */
export function sumHistograms(w: Window): Work<number> {
  return aggregate(w, function* (histograms, tell) {
    let sum: Compensated = { value: histograms[0], lost: undefined };
    for (const histogram of histograms.slice(1)) {
      sum = tell(addCompensated(sum, histogram));
      yield UNITS_OF_HISTOGRAM;
    }
    return settle(sum);
  });
}

/** avg_over_time where all samples are histograms: the plain mean while its sum does not overflow, then a running one. */
export function averageHistograms(w: Window): Work<number> {
  return aggregate(w, function* (histograms, tell) {
    let sum: Compensated = { value: histograms[0], lost: undefined };
    for (let i = 1; i < histograms.length; i++) {
      const next = tell(addCompensated(sum, histograms[i]));
      if (hasOverflow(next.value)) return yield* runningMean(divideCompensated(sum, i), histograms, i, tell);
      sum = next;
      yield UNITS_OF_HISTOGRAM;
    }
    return settle(divideCompensated(sum, histograms.length));
  });
}

type Tell = <T extends { readonly boundsReconciled: boolean }>(sum: T) => T;

function* runningMean(
  start: Compensated,
  histograms: readonly FloatHistogram[],
  from: number,
  tell: Tell,
): Work<FloatHistogram> {
  let mean = start;
  for (let i = from; i < histograms.length; i++) {
    const count = i + 1;
    mean = tell(addCompensated(multiplyCompensated(mean, (count - 1) / count), divide(histograms[i], count)));
    yield UNITS_OF_HISTOGRAM;
  }
  return settle(mean);
}

function* aggregate(
  w: Window,
  combine: (histograms: readonly FloatHistogram[], tell: Tell) => Work<FloatHistogram>,
): Work<number> {
  const histograms = w.histograms.slice(w.histogramFrom, w.histogramTo);
  let reconciled = false;
  const tell: Tell = (sum) => {
    reconciled ||= sum.boundsReconciled;
    return sum;
  };
  try {
    w.histogram = yield* combine(histograms, tell);
  } catch (error) {
    if (!(error instanceof IncompatibleSchemaError)) throw error;
    w.notes.warn(text.mixedExponentialCustom(w.metric), w.pos);
    return ABSENT;
  }
  const hints = new Set(histograms.map((h) => h.counterReset));
  if (hints.has('reset') && hints.has('not_reset')) {
    w.notes.warn(text.counterResetCollision('aggregation'), w.pos);
  }
  if (reconciled) w.notes.inform(text.reconciledBuckets('aggregation'), w.pos);
  return HISTOGRAM;
}
