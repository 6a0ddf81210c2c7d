import type { FloatHistogram } from '../../model/sample.ts';
import { Labels } from '../../model/labels.ts';
import type { DescribedHistogram } from './histogram-notation.ts';
import type { Sum } from '../histogram/index.ts';
import { goQuote, goUnquote } from '../text/go-quote.ts';
import { IncompatibleSchemaError, add, sub } from '../histogram/index.ts';
import { parseHistogram } from './histogram-notation.ts';
import { Scanner } from './scanner.ts';

/** One place of a series: nothing (`_`), a staleness marker, a float or a histogram. */
export type SequenceValue =
  | { readonly kind: 'omitted' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'float'; readonly value: number }
  | ({ readonly kind: 'histogram' } & DescribedHistogram);

export interface SeriesDescription {
  readonly labels: Labels;
  /** One a step. */
  readonly values: readonly SequenceValue[];
}

/** A description may say `1x9999999999`; so many places are not made. */
const MOST_VALUES = 10_000_000;

const OMITTED: SequenceValue = { kind: 'omitted' };
const STALE: SequenceValue = { kind: 'stale' };

/**
 * A series as rule tests and PromQL test scripts write it: `up{job="a"} 1 2+1x3 _x2 stale {{schema:0 count:3}}`
 * (source: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series).
 *
 * @throws {ParseError} in Prometheus' words.
 */
export function parseSeriesDescription(text: string): SeriesDescription {
  const scanner = new Scanner(text);
  const labels = parseMetric(scanner);
  return { labels, values: parseValues(scanner) };
}

/** The values alone, as `values` of a rule test holds them. */
export function parseSeriesValues(text: string): readonly SequenceValue[] {
  return parseSeriesDescription(`{} ${text}`).values;
}

/** The labels alone: `up{job="a"}`, `{"a.b", job="a"}`. */
export function parseMetricDescription(text: string): Labels {
  const scanner = new Scanner(text.trim());
  const labels = parseMetric(scanner);
  if (!scanner.done) scanner.unexpected('metric');
  return labels;
}

function parseMetric(scanner: Scanner): Labels {
  scanner.acceptSpace();
  const pairs: [string, string][] = [];
  const name = scanner.match(/[A-Za-z_:][A-Za-z0-9_:]*/y);
  if (name !== undefined) pairs.push(['__name__', name]);
  if (!scanner.accept('{')) {
    if (name === undefined) scanner.unexpected('metric', 'identifier or "{"');
    return Labels.of(pairs);
  }
  scanner.acceptSpace();
  while (!scanner.accept('}')) {
    parseLabel(scanner, pairs, name !== undefined);
    scanner.acceptSpace();
    if (!scanner.startsWith('}') && !scanner.accept(',')) scanner.unexpected('label set', '"," or "}"');
    scanner.acceptSpace();
  }
  const repeated = pairs.find(([label], i) => pairs.findIndex(([other]) => other === label) < i);
  if (repeated !== undefined) scanner.fail(`label name ${goQuote(repeated[0])} is not unique`);
  return Labels.of(pairs);
}

function parseLabel(scanner: Scanner, pairs: [string, string][], named: boolean): void {
  const token = scanner.stringToken();
  const label = token === undefined ? scanner.match(/[A-Za-z_][A-Za-z0-9_]*/y) : goUnquote(token);
  if (label === undefined) scanner.unexpected('label set', 'identifier or "}"');
  scanner.acceptSpace();
  if (scanner.accept('=')) {
    scanner.acceptSpace();
    const value = scanner.stringToken() ?? scanner.unexpected('label set', 'string');
    pairs.push([label, goUnquote(value)]);
    return;
  }
  if (token === undefined) scanner.unexpected('label set', '"="');
  if (named) scanner.fail(`metric name must not be set twice: ${goQuote(pairs[0][1])} or ${goQuote(label)}`);
  pairs.push(['__name__', label]);
}

function parseValues(scanner: Scanner): SequenceValue[] {
  const values: SequenceValue[] = [];
  while (!scanner.done) {
    if (!scanner.acceptSpace()) scanner.unexpected();
    if (scanner.done) break;
    const room = MOST_VALUES - values.length;
    for (const value of parseItem(scanner, room)) values.push(value);
  }
  return values;
}

function parseItem(scanner: Scanner, room: number): SequenceValue[] {
  if (scanner.accept('_')) {
    const times = scanner.accept('x') ? repetition(scanner, room) : 1;
    return Array.from({ length: times }, () => OMITTED);
  }
  const described = parseHistogram(scanner);
  if (described !== undefined) return parseHistogramItem(scanner, described, room);
  const word = scanner.match(/(?!(?:[iI][nN][fF]|[nN][aA][nN])(?![A-Za-z0-9_:]))[A-Za-z][A-Za-z0-9_:]*/y);
  if (word !== undefined && word !== 'stale') {
    scanner.unexpected('series values', 'number or "stale"', scanner.at - word.length);
  }
  const first = word === undefined ? scanner.signedNumber() : NaN;
  if (first === undefined) scanner.unexpected();
  return parseFloatItem(scanner, first, word === 'stale', room);
}

function parseFloatItem(scanner: Scanner, first: number, stale: boolean, room: number): SequenceValue[] {
  const step = /[+-]/.test(scanner.text[scanner.at] ?? '') ? scanner.signedNumber() : undefined;
  if (step !== undefined && !scanner.startsWith('x')) scanner.unexpected();
  const times = scanner.accept('x') ? repetition(scanner, room) : 0;
  const values: SequenceValue[] = [];
  // Steps are added one by one, as Prometheus does, so that they round alike.
  for (let i = 0, value = first; i <= times; i++, value += step ?? 0) {
    values.push(stale ? STALE : { kind: 'float', value });
  }
  return values;
}

function parseHistogramItem(scanner: Scanner, first: DescribedHistogram, room: number): SequenceValue[] {
  const combine = scanner.startsWith('+{{') ? add : scanner.startsWith('-{{') ? sub : undefined;
  if (combine === undefined) {
    const times = scanner.accept('x') ? repetition(scanner, room) : 0;
    return Array.from({ length: times + 1 }, () => ({ kind: 'histogram', ...first }));
  }
  scanner.at++;
  const step = parseHistogram(scanner) ?? scanner.unexpected();
  if (!scanner.accept('x')) scanner.unexpected();
  const timesAt = scanner.at;
  const times = repetition(scanner, room);
  const { hintGiven } = step;
  const values: SequenceValue[] = [{ kind: 'histogram', histogram: first.histogram, hintGiven }];
  for (let i = 0, current = first.histogram; i < times; i++) {
    current = stepHistogram(current, step.histogram, combine, (problem) => scanner.fail(problem, timesAt));
    values.push({ kind: 'histogram', histogram: current, hintGiven });
  }
  return values;
}

function stepHistogram(
  current: FloatHistogram,
  step: FloatHistogram,
  combine: (a: FloatHistogram, b: FloatHistogram) => Sum,
  fail: (problem: string) => never,
): FloatHistogram {
  if (current.schema > step.schema) {
    fail(`error combining histograms: cannot merge from schema ${step.schema} to ${current.schema}`);
  }
  try {
    return combine(current, step).histogram;
  } catch (error) {
    if (error instanceof IncompatibleSchemaError) fail(error.message);
    throw error;
  }
}

function repetition(scanner: Scanner, room: number): number {
  const start = scanner.at;
  const times = scanner.repetition();
  if (times > room) scanner.fail(`invalid repetition in series values: more than ${MOST_VALUES} values`, start);
  return times;
}
