import { formatDuration } from '../../lib/time/duration.ts';
import { Labels, compareUtf8, isLegacyLabelName, quote } from '../../model/labels.ts';
import type { VectorSample } from '../../model/query.ts';
import type { ActiveAlert } from '../../model/rule.ts';
import { histogramToTestExpression } from '../../promql/histogram/index.ts';
import { parseMetricDescription, parseSeriesValues } from '../../promql/promqltest/index.ts';
import { formatFloat } from '../template/numbers.ts';
import { lineDiff } from './diff.ts';
import type { AlertTest, ExprTest } from './schema.ts';
import type { Failure } from './types.ts';

interface ShownAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** Compares without regard to order. undefined where all is as expected. */
export function compareAlerts(
  expected: AlertTest,
  firing: readonly ActiveAlert[],
  testName: string,
): Failure | undefined {
  const exp = sortAlerts(
    expected.exp_alerts.map((alert) => ({
      labels: withEmpties({ ...alert.exp_labels, alertname: expected.alertname }),
      annotations: withEmpties(alert.exp_annotations),
    })),
  );
  const got = sortAlerts(firing.map(({ labels, annotations }) => ({ labels, annotations: withEmpties(annotations) })));
  const same =
    exp.length === got.length &&
    exp.every((alert, i) => alert.labels.equals(got[i].labels) && alert.annotations.equals(got[i].annotations));
  if (same) return undefined;
  const head = `${testName === '' ? '' : `    name: ${testName},\n`}    alertname: ${expected.alertname}, time: ${formatDuration(expected.eval_time)}, \n`;
  const indent = ' '.repeat(12);
  return {
    message: `${head}        exp:${indentLines(printAlerts(exp), indent)}, \n        got:${indentLines(printAlerts(got), indent)}`,
    diff: `${head}        diff: ${indentLines(lineDiff(jsonOf(exp), jsonOf(got)), indent)}`,
  };
}

/** Unlike a series', the label sets of alerts are compared with their empty values. */
function withEmpties(map: Readonly<Record<string, string>>): Labels {
  const names = Object.keys(map).sort(compareUtf8);
  return Labels.fromSorted(names.flatMap((name) => [name, map[name]]));
}

function sortAlerts(alerts: ShownAlert[]): ShownAlert[] {
  return alerts.sort((a, b) => Labels.compare(a.labels, b.labels) || Labels.compare(a.annotations, b.annotations));
}

function jsonOf(alerts: readonly ShownAlert[]): string {
  const plain = alerts.map(({ labels, annotations }) => ({
    Labels: labels.toJSON(),
    Annotations: annotations.toJSON(),
  }));
  return JSON.stringify(plain, undefined, 4);
}

function printAlerts(alerts: readonly ShownAlert[]): string {
  if (alerts.length === 0) return '[]';
  const items = alerts.map(
    (alert, i) =>
      `${i}:${indentLines(`\nLabels:${printLabels(alert.labels)}\nAnnotations:${printLabels(alert.annotations)}`, '  ')}`,
  );
  return `[\n${items.join(',\n')}\n]`;
}

/** Every line but the first. */
function indentLines(text: string, indent: string): string {
  return text.replaceAll('\n', `\n${indent}`);
}

/** As Go prints label sets: the metric's name stands with the others in the braces. */
export function printLabels(labels: Labels): string {
  return `{${[...labels.entries()].map(([name, value]) => `${isLegacyLabelName(name) ? name : quote(name)}=${quote(value)}`).join(', ')}}`;
}

interface ShownSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram: string;
}

/** @throws {Error} where what the test expects is not well written. */
export function compareSamples(
  expected: ExprTest,
  samples: readonly VectorSample[],
  fuzzy: boolean,
  head: string,
): Failure | undefined {
  const exp = sortSamples(expected.exp_samples.map(expectedSample));
  const got = sortSamples(
    samples.map(({ labels, value, histogram }) => ({
      labels,
      value: histogram === undefined ? value : 0,
      histogram: histogram === undefined ? '' : histogramToTestExpression(histogram),
    })),
  );
  const same = exp.length === got.length && exp.every((sample, i) => sameSample(sample, got[i], fuzzy));
  if (same) return undefined;
  return {
    message: `${head}\n        exp: ${printSamples(exp)}\n        got: ${printSamples(got)}`,
    diff: `${head}\n${lineDiff(exp.map(printSample).join('\n'), got.map(printSample).join('\n'))}`,
  };
}

function expectedSample({ labels, value, histogram }: ExprTest['exp_samples'][number]): ShownSample {
  try {
    return {
      labels: labels.trim() === '' ? Labels.EMPTY : parseMetricDescription(labels),
      value: histogram === '' ? value : 0,
      histogram: histogram === '' ? '' : normalHistogram(histogram),
    };
  } catch (error) {
    throw new Error(`labels ${JSON.stringify(labels)}: ${(error as Error).message}`, { cause: error });
  }
}

function normalHistogram(text: string): string {
  const values = parseSeriesValues(text);
  if (values.length !== 1) throw new Error(`expected 1 value, got ${values.length}`);
  const [value] = values;
  if (value.kind !== 'histogram') throw new Error(`expected histogram, got ${text}`);
  return histogramToTestExpression(value.histogram);
}

function sortSamples(samples: ShownSample[]): ShownSample[] {
  return samples.sort((a, b) => Labels.compare(a.labels, b.labels) || compareUtf8(a.histogram, b.histogram));
}

/** As in Go's comparison, NaN is not equal to itself. */
function sameSample(a: ShownSample, b: ShownSample, fuzzy: boolean): boolean {
  const sameValue = a.value === b.value || (fuzzy && isNeighbour(a.value, b.value));
  return a.labels.equals(b.labels) && a.histogram === b.histogram && sameValue;
}

function isNeighbour(a: number, b: number): boolean {
  const distance = bitsOf(a) - bitsOf(b);
  return distance >= -1n && distance <= 1n && !Number.isNaN(a) && !Number.isNaN(b);
}

/** Neighbouring floats have neighbouring numbers. */
function bitsOf(value: number): bigint {
  const bits = new BigInt64Array(Float64Array.of(value).buffer)[0];
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

function printSamples(samples: readonly ShownSample[]): string {
  return samples.length === 0 ? 'nil' : samples.map(printSample).join(', ');
}

function printSample({ labels, value, histogram }: ShownSample): string {
  const shown = histogram === '' ? formatFloat(value, 'e').replace('e', 'E') : histogram;
  return `${printLabels(labels)} ${shown}`;
}
