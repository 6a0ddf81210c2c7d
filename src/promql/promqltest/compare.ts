import type { SeriesColumns, VectorSample } from '../../model/query.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import type { DescribedHistogram } from './histogram-notation.ts';
import type { AnnotationTest, EvalCommand, ExpectedSeries, TextTest, TimeGrid } from './eval-command.ts';
import type { QueryValue } from '../result.ts';
import { Labels } from '../../model/labels.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import { compact, histogramToTestExpression } from '../histogram/index.ts';
import { sameSpans } from '../histogram/side.ts';

/** The answer is not the one that the script expects. */
export class Mismatch extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'Mismatch';
  }
}

const TOLERANCE = 1e-6;
const SMALLEST_NORMAL = 2 ** -1022;

/** Equal but for rounding; NaN equals NaN. */
export function almostEqual(a: number, b: number, tolerance = TOLERANCE): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  if (a === b) return true;
  const size = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || size < SMALLEST_NORMAL) return difference < tolerance * SMALLEST_NORMAL;
  return difference / Math.min(size, Number.MAX_VALUE) < tolerance;
}

/** @throws {Mismatch} naming the first difference. */
export function compareResult(command: EvalCommand, result: QueryValue, grid: TimeGrid | undefined): void {
  const expected = command.result;
  if (expected.kind === 'string') {
    expect(result.type === 'string', `expected a string, but got a ${result.type}`);
    expect(expected.value === result.value, `expected string ${quote(expected.value)} but got ${quote(result.value)}`);
  } else if (expected.kind === 'scalar') {
    expect(result.type === 'scalar', `expected scalar result, but got ${result.type}`);
    expect(almostEqual(expected.value, result.value), `expected scalar ${expected.value} but got ${result.value}`);
  } else if (result.type === 'vector') {
    compareVector(expected.series, result.samples, command.ordered);
  } else {
    expect(result.type === 'matrix', `expected vector or matrix result, but got ${result.type}`);
    expect(!command.ordered, 'expected ordered result, but query returned a matrix');
    expect(grid !== undefined, 'expected a vector, but got a matrix');
    compareMatrix(expected.series, result.series, grid);
  }
}

function compareVector(expected: readonly ExpectedSeries[], samples: readonly VectorSample[], ordered: boolean): void {
  const places = new Map(expected.map(({ labels }, place) => [labels.key, place]));
  const seen = new Set<string>();
  samples.forEach((sample, i) => {
    const { labels, value, histogram } = sample;
    const place = places.get(labels.key);
    const found = histogram === undefined ? String(value) : histogramToTestExpression(histogram);
    expect(place !== undefined, `unexpected metric ${labels.toString()} in result, has value ${found}`);
    expect(
      !ordered || place === i,
      `expected metric ${labels.toString()} at position ${place + 1} but was at ${i + 1}`,
    );
    comparePoint(labels, expected[place].values[0], { value, stale: false, histogram });
    seen.add(labels.key);
  });
  for (const { labels } of expected) expect(seen.has(labels.key), `expected metric ${labels.toString()} not found`);
}

export function compareMatrix(
  expected: readonly ExpectedSeries[],
  series: readonly SeriesColumns[],
  grid: TimeGrid,
): void {
  for (let i = 1; i < series.length; i++) {
    const sorted = Labels.compare(series[i - 1].labels, series[i].labels) <= 0;
    expect(
      sorted,
      `matrix is not sorted by labels: ${series[i].labels.toString()} comes after ${series[i - 1].labels.toString()}`,
    );
  }
  const byLabels = new Map(expected.map((one) => [one.labels.key, one]));
  for (const found of series) {
    const one = byLabels.get(found.labels.key);
    expect(one !== undefined, `unexpected metric ${found.labels.toString()} in result, has ${describe(found)}`);
    compareSeries(one, found, grid);
    byLabels.delete(found.labels.key);
  }
  for (const { labels } of byLabels.values()) throw new Mismatch(`expected metric ${labels.toString()} not found`);
}

function compareSeries({ labels, values }: ExpectedSeries, found: SeriesColumns, grid: TimeGrid): void {
  const points = values.flatMap((value, i) =>
    value.kind === 'omitted' ? [] : [{ time: grid.start + i * grid.step, value }],
  );
  const past = grid.start + (values.length - 1) * grid.step > grid.end;
  expect(
    !past,
    `expected ${values.length} points for ${labels.toString()}, but query time range cannot return this many points`,
  );
  expect(
    points.length === found.timestamps.length,
    `expected ${points.length} points for ${labels.toString()}, but got ${describe(found)}`,
  );
  const words = wordsOf(found.values);
  points.forEach(({ time, value }, i) => {
    expect(
      time === found.timestamps[i],
      `expected value at index ${i} for ${labels.toString()} to have timestamp ${time}, but it had timestamp ${found.timestamps[i]} (result has ${describe(found)})`,
    );
    comparePoint(labels, value, {
      value: found.values[i],
      stale: isStale(words, i),
      histogram: found.histograms?.[i],
    });
  });
}

interface Point {
  readonly value: number;
  readonly stale: boolean;
  readonly histogram: FloatHistogram | undefined;
}

function comparePoint(labels: Labels, expected: ExpectedSeries['values'][number] | undefined, found: Point): void {
  expect(expected !== undefined && expected.kind !== 'omitted', `no value is expected for ${labels.toString()}`);
  if (expected.kind === 'histogram') {
    const wanted = histogramToTestExpression(expected.histogram);
    expect(
      found.histogram !== undefined,
      `expected histogram ${wanted} for ${labels.toString()} but got float value ${found.value}`,
    );
    expect(
      histogramMatches(expected, found.histogram),
      `expected ${wanted} for ${labels.toString()} but got ${histogramToTestExpression(found.histogram)}`,
    );
    return;
  }
  const wanted = expected.kind === 'stale' ? 'stale' : String(expected.value);
  expect(
    found.histogram === undefined,
    `expected float value ${wanted} for ${labels.toString()} but got histogram ${found.histogram === undefined ? '' : histogramToTestExpression(found.histogram)}`,
  );
  const equal = expected.kind === 'stale' ? found.stale : !found.stale && almostEqual(expected.value, found.value);
  expect(equal, `expected ${wanted} for ${labels.toString()} but got ${found.stale ? 'stale' : found.value}`);
}

/** But for rounding, and for the hint where none was described. */
function histogramMatches({ histogram, hintGiven }: DescribedHistogram, found: FloatHistogram): boolean {
  const a = compact(histogram);
  const b = compact(found);
  return (
    a.schema === b.schema &&
    almostEqual(a.count, b.count) &&
    almostEqual(a.sum, b.sum) &&
    a.zeroThreshold === b.zeroThreshold &&
    almostEqual(a.zeroCount, b.zeroCount) &&
    a.customValues.length === b.customValues.length &&
    a.customValues.every((bound, i) => bound === b.customValues[i]) &&
    sameSpans(a.positiveSpans, b.positiveSpans) &&
    sameSpans(a.negativeSpans, b.negativeSpans) &&
    a.positiveBuckets.every((count, i) => almostEqual(count, b.positiveBuckets[i])) &&
    a.negativeBuckets.every((count, i) => almostEqual(count, b.negativeBuckets[i])) &&
    (!hintGiven || a.counterReset === b.counterReset)
  );
}

function describe({ timestamps, values, histograms }: SeriesColumns): string {
  const points = Array.from(timestamps, (time, i) => {
    const histogram = histograms?.[i];
    return `${histogram === undefined ? values[i] : histogramToTestExpression(histogram)} @[${time}]`;
  });
  return `${points.length} points ${points.join(' ')}`;
}

/** @throws {Mismatch} */
export function compareAnnotations(what: 'warn' | 'info', test: AnnotationTest, found: readonly string[]): void {
  if (test.kind === 'any') return;
  if (test.kind === 'none') {
    expect(found.length === 0, `unexpected ${what} annotations: ${found.join(' | ')}`);
    return;
  }
  expect(found.length > 0, `expected ${what} annotations but none were found`);
  if (test.kind === 'some') return;
  for (const one of test.tests) {
    expect(
      found.some((text) => passes(one, text)),
      `expected ${what} annotation ${describeTest(one)} but found: ${found.join(' | ')}`,
    );
  }
  for (const text of found) {
    expect(
      test.tests.some((one) => passes(one, text)),
      `unexpected ${what} annotation ${quote(text)}`,
    );
  }
}

export function passes(test: TextTest, text: string): boolean {
  return test.kind === 'message' ? test.text === text : test.regex.test(text);
}

export function describeTest(test: TextTest): string {
  return test.kind === 'message' ? quote(test.text) : `matching ${String(test.regex)}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

export function expect(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Mismatch(problem);
}
