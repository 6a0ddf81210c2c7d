import { validate } from '../../../lib/schema/schema.ts';
import { type Complaint, InputError, type YamlSource } from '../../../lib/schema/yaml.ts';
import type { ParseOptions } from '../../rules/parse.ts';
import type { AlertPolicy, AlertTexts, Objective } from '../objective.ts';
import { checkExpr } from '../query.ts';
import { type BurnWindow, type BurnWindows, scaled } from '../windows.ts';
import { type PyrraIndicator, pyrraSchema } from './schema.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const LABEL_PREFIX = 'pyrra.dev/';

/** Minutes without a series before it is missed. */
const ABSENT_FOR = 10 * MINUTE;

/** The objective of a document of Pyrra (source: pyrra.dev, v1alpha1), under Sloth's names of series. @throws {InputError} */
export function pyrraObjective(source: YamlSource, options: ParseOptions): Objective {
  const { metadata, spec } = validate(source, pyrraSchema);
  const complaints = checkIndicator(source, spec.indicator, options);
  if (complaints.length > 0) throw new InputError(complaints);
  const labels = withoutPrefix(metadata.labels);
  const service = labels.service ?? metadata.namespace ?? 'default';
  const { alerting } = spec;
  const texts = (severity: string): AlertTexts | undefined =>
    alerting.disabled || !alerting.burnrates
      ? undefined
      : { for: 0, labels: { severity }, annotations: withoutPrefix(metadata.annotations) };
  return {
    id: `${service}-${metadata.name}`,
    service,
    name: metadata.name,
    target: spec.target,
    labels,
    errorRatio: (window) => errorRatio(spec.indicator, window),
    windows: windowsOf(spec.window),
    alert: alerting.name,
    page: texts('critical'),
    ticket: texts('warning'),
    policies: alerting.disabled || !alerting.absent ? [] : absences(spec.indicator, labels),
    spec: 'pyrra.dev/v1alpha1',
    mode: 'crowsnest',
    interval: options.interval,
    line: source.complain(['spec'], '').line,
  };
}

/** Pyrra's factors over four weeks; other periods have longer or shorter windows. */
function windowsOf(period: number): BurnWindows {
  const by = period / (28 * DAY);
  const window = (short: number, long: number, factor: number): BurnWindow => ({
    short: scaled(short, by),
    long: scaled(long, by),
    factor,
  });
  return {
    period,
    page: [window(5 * MINUTE, HOUR, 14), window(30 * MINUTE, 6 * HOUR, 7)],
    ticket: [window(2 * HOUR, DAY, 2), window(6 * HOUR, 4 * DAY, 1)],
  };
}

function errorRatio({ ratio, latency, latencyNative, bool_gauge: gauge }: PyrraIndicator, window: string): string {
  const sum = (grouping: readonly string[], inner: string) =>
    grouping.length === 0 ? `sum(${inner})` : `sum by (${grouping.join(', ')}) (${inner})`;
  if (ratio !== undefined) {
    const rate = (metric: string) => sum(ratio.grouping, `rate(${metric}[${window}])`);
    return `${rate(ratio.errors.metric)}\n/\n${rate(ratio.total.metric)}`;
  }
  if (latency !== undefined) {
    const rate = (metric: string) => sum(latency.grouping, `rate(${metric}[${window}])`);
    return `1 - (\n${rate(latency.success.metric)}\n/\n${rate(latency.total.metric)}\n)`;
  }
  if (latencyNative !== undefined) {
    const rate = sum(latencyNative.grouping, `rate(${latencyNative.total.metric}[${window}])`);
    return `1 - histogram_fraction(0, ${latencyNative.latency / 1000}, ${rate})`;
  }
  const { metric, grouping } = gauge ?? { metric: '', grouping: [] };
  return `1 - (\n${sum(grouping, `sum_over_time(${metric}[${window}])`)}\n/\n${sum(grouping, `count_over_time(${metric}[${window}])`)}\n)`;
}

function checkIndicator(source: YamlSource, indicator: PyrraIndicator, { parseExpr }: ParseOptions): Complaint[] {
  const path = ['spec', 'indicator'];
  if (Object.values(indicator).filter((kind) => kind !== undefined).length !== 1)
    return [source.complain(path, 'expected one of ratio, latency, latencyNative and bool_gauge')];
  return checkExpr(source, path, errorRatio(indicator, '5m'), parseExpr);
}

function absences(indicator: PyrraIndicator, labels: Readonly<Record<string, string>>): AlertPolicy[] {
  const { ratio, latency, latencyNative, bool_gauge: gauge } = indicator;
  const metric = (ratio ?? latency ?? latencyNative)?.total.metric ?? gauge?.metric ?? '';
  return [
    {
      kind: 'absence',
      alert: 'SLOMetricAbsent',
      expr: `absent(${metric}) == 1`,
      for: ABSENT_FOR,
      labels: { ...labels, severity: 'critical' },
      annotations: {},
    },
  ];
}

function withoutPrefix(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map)
      .filter(([key]) => key.startsWith(LABEL_PREFIX))
      .map(([key, value]) => [key.slice(LABEL_PREFIX.length), value]),
  );
}
