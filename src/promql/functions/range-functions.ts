import type { RangeFunction } from '../eval/window.ts';
import { changes, resets } from './changes.ts';
import { idelta, irate } from './instant-rate.ts';
import * as over from './over-time.ts';
import { delta, increase, rate } from './rate.ts';
import { deriv, doubleExponentialSmoothing, predictLinear } from './regression.ts';

/** Functions of a range vector, each called once for every window of every series. */
export const RANGE_FUNCTIONS: ReadonlyMap<string, RangeFunction> = new Map([
  ['absent_over_time', over.presentOverTime],
  ['avg_over_time', over.avgOverTime],
  ['changes', changes],
  ['count_over_time', over.countOverTime],
  ['delta', delta],
  ['deriv', deriv],
  ['double_exponential_smoothing', doubleExponentialSmoothing],
  ['first_over_time', over.firstOverTime],
  ['idelta', idelta],
  ['increase', increase],
  ['irate', irate],
  ['last_over_time', over.lastOverTime],
  ['mad_over_time', over.madOverTime],
  ['max_over_time', over.maxOverTime],
  ['min_over_time', over.minOverTime],
  ['predict_linear', predictLinear],
  ['present_over_time', over.presentOverTime],
  ['quantile_over_time', over.quantileOverTime],
  ['rate', rate],
  ['resets', resets],
  ['stddev_over_time', over.stddevOverTime],
  ['stdvar_over_time', over.stdvarOverTime],
  ['sum_over_time', over.sumOverTime],
  ['ts_of_first_over_time', over.tsOfFirstOverTime],
  ['ts_of_last_over_time', over.tsOfLastOverTime],
  ['ts_of_max_over_time', over.tsOfMaxOverTime],
  ['ts_of_min_over_time', over.tsOfMinOverTime],
]);
