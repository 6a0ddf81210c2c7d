import { expect, test } from 'vitest';
import { Labels } from '../model/labels.ts';
import { markStale, wordsOf } from '../model/sample.ts';
import { Annotations } from './annotations.ts';
import { createEngine } from './engine.ts';
import { trackNow } from './eval/series-samples.ts';
import { Window } from './eval/window.ts';
import { RANGE_FUNCTIONS } from './functions/range-functions.ts';
import { PIECE } from './query-slice.ts';

/** Several pieces and a bit, so that whatever is carried from piece to piece shows. */
const COUNT = 300_017;
const STEP = 1000;
const END = 1_790_000_000_000;
const RANGE = `${COUNT}s`;

const VALUES = Float64Array.from({ length: COUNT }, (_, i) => (i * 7919) % 1009);
const SORTED = VALUES.toSorted();
const SUM = VALUES.reduce((sum, value) => sum + value);
const MEAN = SUM / COUNT;
const VARIANCE = VALUES.reduce((sum, value) => sum + (value - MEAN) ** 2, 0) / COUNT;
const FALLS = [...VALUES.keys()].filter((i) => i > 0 && VALUES[i] < VALUES[i - 1]);
const LOST = FALLS.reduce((sum, i) => sum + VALUES[i - 1], 0);
const MEDIAN = SORTED[(COUNT - 1) / 2];
const timeOf = (place: number) => (END - (COUNT - 1 - place) * STEP) / 1000;

const columns = (name: string, values: Float64Array) => ({
  labels: Labels.of({ __name__: name }),
  timestamps: Float64Array.from({ length: COUNT }, (_, i) => timeOf(i) * 1000),
  values,
});

/** A staleness marker at every tenth place. */
function withGaps(values: Float64Array): Float64Array {
  const copy = values.slice();
  const words = wordsOf(copy);
  for (let i = 0; i < COUNT; i += 10) markStale(words, i);
  return copy;
}

const STORE = [
  columns('wave_total', VALUES),
  columns(
    'line',
    Float64Array.from({ length: COUNT }, (_, i) => 3 * i),
  ),
  columns('gaps', withGaps(VALUES)),
  columns('huge', new Float64Array(COUNT).fill(1e308)),
  columns(
    'late_nan',
    VALUES.map((value, i) => (i === COUNT - 2 ? NaN : value)),
  ),
];

const engine = createEngine({
  select: async ({ matchers }) => STORE.filter(({ labels }) => labels.get('__name__') === matchers[0].value),
});

test.each([
  ['sum_over_time', `sum_over_time(wave_total[${RANGE}])`, SUM],
  ['avg_over_time', `avg_over_time(wave_total[${RANGE}])`, MEAN],
  ['a mean whose sum overflows', `avg_over_time(huge[${RANGE}])`, 1e308],
  ['max_over_time', `max_over_time(wave_total[${RANGE}])`, 1008],
  ['min_over_time', `min_over_time(wave_total[${RANGE}])`, 0],
  ['ts_of_max_over_time', `ts_of_max_over_time(wave_total[${RANGE}])`, timeOf(VALUES.lastIndexOf(1008))],
  ['ts_of_min_over_time', `ts_of_min_over_time(wave_total[${RANGE}])`, timeOf(VALUES.lastIndexOf(0))],
  ['stdvar_over_time', `stdvar_over_time(wave_total[${RANGE}])`, VARIANCE],
  ['stddev_over_time', `stddev_over_time(wave_total[${RANGE}])`, Math.sqrt(VARIANCE)],
  ['the median', `quantile_over_time(0.5, wave_total[${RANGE}])`, MEDIAN],
  ['the least', `quantile_over_time(0, wave_total[${RANGE}])`, 0],
  ['the greatest', `quantile_over_time(1, wave_total[${RANGE}])`, 1008],
  ['mad_over_time', `mad_over_time(wave_total[${RANGE}])`, SORTED.map((value) => Math.abs(value - MEDIAN)).toSorted()[(COUNT - 1) / 2]],
  ['mad_over_time with a NaN', `mad_over_time(late_nan[${RANGE}])`, NaN],
  ['a maximum with a NaN', `max_over_time(late_nan[${RANGE}])`, 1008],
  ['changes', `changes(wave_total[${RANGE}])`, COUNT - 1],
  ['resets', `resets(wave_total[${RANGE}])`, FALLS.length],
  ['deriv', `deriv(line[${RANGE}])`, 3],
  ['predict_linear', `predict_linear(line[${RANGE}], 10)`, 3 * (COUNT + 9)],
  ['double_exponential_smoothing', `double_exponential_smoothing(line[${RANGE}], 0.5, 0.5)`, 3 * (COUNT - 1)],
  ['increase', `increase(wave_total[${RANGE}] anchored)`, VALUES[COUNT - 1] - VALUES[0] + LOST],
  ['increase between the samples', `increase(wave_total[${COUNT - 1}s] smoothed)`, VALUES[COUNT - 1] - VALUES[0] + LOST],
  ['delta', `delta(line[${RANGE}] anchored)`, 3 * (COUNT - 1)],
  ['count_over_time among staleness markers', `count_over_time(gaps[${RANGE}])`, Math.floor((COUNT * 9) / 10)],
  ['a subquery with steps that have no sample', `sum_over_time((line < 300)[${RANGE}:1s])`, (99 * 100 * 3) / 2],
])('over a window of many pieces: %s', async (_, expr, expected) => {
  const answer = await engine.instant(expr, END);
  const [value] = answer.type === 'vector' ? answer.samples.map((sample) => sample.value) : [];
  if (!Number.isFinite(expected) || expected === 0) expect(value).toBe(expected);
  else expect(value / expected).toBeCloseTo(1, 9);
}); // prettier-ignore

/** Functions that look at the ends of a window only, however long it is. */
const QUICK = [
  'absent_over_time', 'count_over_time', 'delta', 'first_over_time', 'idelta', 'irate', 'last_over_time',
  'present_over_time', 'ts_of_first_over_time', 'ts_of_last_over_time',
]; // prettier-ignore

test.each([...RANGE_FUNCTIONS.keys()].filter((name) => !QUICK.includes(name)))(
  '%s leaves a long window again and again, so that others get their turn and a query can be stopped',
  (name) => {
    const params = [0.5, 0.5].map((value) => Float64Array.of(value));
    const options = { notes: new Annotations(), pos: { start: 0, end: 0 }, range: COUNT * STEP, extension: undefined };
    const window = new Window({ ...options, params });
    window.begin(trackNow(STORE[0]));
    window.move(-Infinity, END);
    const answer = RANGE_FUNCTIONS.get(name)?.(window);
    let turns = 0;
    if (typeof answer === 'object') while (answer.next().done !== true) turns++;
    expect(turns).toBeGreaterThanOrEqual(Math.floor(COUNT / PIECE));
  },
);
