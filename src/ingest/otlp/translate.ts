import { Labels } from '../../model/labels.ts';
import type { Exemplar, MetricMetadata, MetricType, SampleBatch } from '../../model/sample.ts';
import { otlpPointsRefused } from '../metrics.ts';
import type { OtlpConfig } from './config.ts';
import { decimal } from './decimal.ts';
import { nativeHistogram } from './exponential.ts';
import { metricName, unitName } from './names.ts';
import type { DataPoint, MetricData, OtlpExemplar, OtlpMetric, ResourceMetrics } from './request.ts';
import { Rows } from './rows.ts';
import { type Context, contextOf, labelsOf, targetInfoLabels } from './series-labels.ts';

/** Samples of one batch, about: after it, the receiver may let others have a turn. */
const BATCH = 1000;

/** Half of how far PromQL looks back: `target_info` is found at every time that its series have samples. */
const TARGET_INFO_EVERY = 150_000;
/** A point with a senseless time would else make millions of these. */
const TARGET_INFO_OVER = 3_600_000;

/** Runes that an exemplar's labels may have (OpenMetrics 1.0). */
const MAX_EXEMPLAR_RUNES = 128;

/** Different words that are kept of what was refused. */
const WORDS_KEPT = 10;

const TYPES: Readonly<Record<MetricData['kind'], MetricType>> = {
  gauge: 'gauge',
  sum: 'gauge',
  histogram: 'histogram',
  exponential: 'histogram',
  summary: 'summary',
};

/**
 * Makes series of OTLP metrics as Prometheus 3 does by default: names and labels with underscores, suffixes for unit and
 * type. Unlike there, what cannot become a series is left out alone, counted and named, and does not fail the request.
 */
export class OtlpTranslator {
  readonly #config: OtlpConfig;
  readonly #rows = new Rows();
  readonly #metadata = new Map<string, MetricMetadata>();
  readonly #targetInfo = new Set<string>();
  readonly #words = new Set<string>();
  /** Data points that were left out. */
  refusedPoints = 0;

  constructor(config: OtlpConfig) {
    this.#config = config;
  }

  get metadata(): readonly MetricMetadata[] {
    return [...this.#metadata.values()];
  }

  /** Why something was left out, the first few reasons. */
  get words(): readonly string[] {
    return [...this.#words];
  }

  /** Goes on at each call. */
  *batches(resources: readonly ResourceMetrics[]): Generator<SampleBatch> {
    for (const resource of resources) {
      for (const scope of resource.scopes) {
        const context = contextOf(resource, scope, this.#config);
        for (const metric of scope.metrics) {
          if ('refused' in context) this.#refuse(metric, 'labels', context.refused);
          else yield* this.#addMetric(metric, context);
        }
      }
      this.#addTargetInfo(resource);
    }
    if (this.#rows.length > 0) yield this.#rows.take();
  }

  *#addMetric(metric: OtlpMetric, context: Context): Generator<SampleBatch> {
    const { data, unit } = metric;
    if (data === undefined) return this.#refuse(metric, 'type', 'it has no data of a known type');
    if (data.kind !== 'gauge' && data.kind !== 'summary' && data.temporality !== 'cumulative')
      return this.#refuse(metric, 'temporality', TEMPORALITY_WORDS[data.temporality]);
    const isCounter = data.kind === 'sum' && data.monotonic;
    const kind = isCounter ? 'counter' : data.kind === 'gauge' ? 'gauge' : 'other';
    const name = metricName({ name: metric.name, unit, kind });
    if (name === '') return this.#refuse(metric, 'name', 'no name is left of it');
    if (data.points.length === 0) return;
    const type = isCounter ? 'counter' : TYPES[data.kind];
    this.#metadata.set(name, { metric: name, type, unit: unitName(unit), help: metric.description });
    for (const point of data.points) {
      const labels = labelsOf(point.attributes, context);
      const fault = faultOf(point, data.kind);
      if (!(labels instanceof Labels)) this.#refuse(metric, 'labels', labels.refused, 1);
      else if (fault !== undefined) this.#refuse(metric, 'value', fault, 1);
      else if (data.kind === 'exponential') this.#addHistogram(metric, labels.with('__name__', name), point);
      else this.#addFloats(name, data.kind, labels, point);
      if (this.#rows.length >= BATCH) yield this.#rows.take();
    }
  }

  #addFloats(name: string, kind: Exclude<MetricData['kind'], 'exponential'>, labels: Labels, point: DataPoint): void {
    const add: AddFloat = (suffix, value, extra, exemplars) => {
      const named = labels.with('__name__', name + suffix);
      const own = extra === undefined ? named : named.with(...extra);
      this.#rows.add(own, point, point.noValue ? 'stale' : value, exemplars);
    };
    switch (kind) {
      case 'gauge':
        return add('', point.value ?? 0);
      case 'sum':
        return add('', point.value ?? 0, undefined, point.exemplars.map(exemplarOf));
      case 'summary':
        add('_sum', point.sum ?? 0);
        add('_count', point.count);
        for (const { quantile, value } of point.quantiles) add('', value, ['quantile', decimal(quantile)]);
        return;
      case 'histogram':
        if (point.sum !== undefined) add('_sum', point.sum);
        add('_count', point.count);
        return addBuckets(point, add);
    }
  }

  #addHistogram(metric: OtlpMetric, labels: Labels, point: DataPoint): void {
    const histogram = nativeHistogram(point);
    if ('refused' in histogram && !point.noValue) return this.#refuse(metric, 'histogram', histogram.refused, 1);
    const exemplars = point.exemplars.map(exemplarOf);
    this.#rows.add(labels, point, point.noValue || 'refused' in histogram ? 'stale' : histogram, exemplars);
  }

  /** At every half look-back from the first sample of the resource to its last. */
  #addTargetInfo(resource: ResourceMetrics): void {
    let first = Infinity;
    let last = -Infinity;
    for (const { timestamp } of pointsOf(resource)) {
      first = Math.min(first, timestamp);
      last = Math.max(last, timestamp);
    }
    const labels = first > last ? undefined : targetInfoLabels(resource, this.#config);
    if (labels === undefined) return;
    if ('refused' in labels) return this.#note(`target_info: ${labels.refused}`);
    this.#metadata.set('target_info', { metric: 'target_info', type: 'gauge', unit: '', help: 'Target metadata' });
    for (let at = Math.max(first, last - TARGET_INFO_OVER); at < last; at += TARGET_INFO_EVERY)
      this.#addTargetInfoAt(labels, at);
    this.#addTargetInfoAt(labels, last);
  }

  /** Several resources of a request may be one target. */
  #addTargetInfoAt(labels: Labels, timestamp: number): void {
    const key = `${timestamp} ${labels.key}`;
    if (this.#targetInfo.has(key)) return;
    this.#targetInfo.add(key);
    this.#rows.add(labels, { timestamp, start: 0 }, 1);
  }

  #refuse(metric: OtlpMetric, reason: Reason, why: string, points = metric.data?.points.length ?? 0): void {
    this.refusedPoints += points;
    otlpPointsRefused.inc({ reason }, points);
    this.#note(`metric ${JSON.stringify(metric.name)}: ${why}`);
  }

  #note(words: string): void {
    if (this.#words.size < WORDS_KEPT) this.#words.add(words);
  }
}

type Reason = 'labels' | 'name' | 'histogram' | 'temporality' | 'type' | 'value';

/** What keeps a point from being a sample. A point without a recorded value ends its series and needs none. */
function faultOf({ noValue, value, broken }: DataPoint, kind: MetricData['kind']): string | undefined {
  if (noValue) return undefined;
  if (broken !== undefined) return broken;
  if ((kind === 'gauge' || kind === 'sum') && value === undefined) return 'a data point has no value';
  return undefined;
}

type AddFloat = (
  suffix: string,
  value: number,
  extra?: readonly [label: string, value: string],
  exemplars?: readonly Exemplar[],
) => void;

const TEMPORALITY_WORDS = {
  delta: 'delta temporality is not taken; set the exporter to cumulative (temporality preference)',
  unspecified: 'its aggregation temporality is not set; expected cumulative',
  cumulative: '',
} as const;

/** Classic buckets count all that is at or below their bound. Exemplars come in the order of their values. */
function addBuckets({ bounds, counts, count, exemplars }: DataPoint, add: AddFloat): void {
  const ordered = exemplars.map(exemplarOf);
  let next = 0;
  let below = 0;
  for (let i = 0; i < bounds.length && i < counts.length; i++) {
    below += counts[i];
    const from = next;
    while (next < ordered.length && ordered[next].value <= bounds[i]) next++;
    add('_bucket', below, ['le', decimal(bounds[i])], ordered.slice(from, next));
  }
  add('_bucket', count, ['le', '+Inf'], ordered.slice(next));
}

function exemplarOf({ timestamp, value, traceId, spanId, attributes }: OtlpExemplar): Exemplar {
  const ids: [string, string][] = [
    ['trace_id', traceId],
    ['span_id', spanId],
  ];
  const known = ids.filter(([, id]) => id !== '');
  const all = [...known, ...attributes];
  const runes = all.reduce((sum, [name, text]) => sum + runesOf(name) + runesOf(text), 0);
  const labels = Labels.of(runes <= MAX_EXEMPLAR_RUNES ? all : known);
  return timestamp === 0 ? { labels, value } : { labels, value, timestamp };
}

function runesOf(text: string): number {
  return Array.from(text).length;
}

function* pointsOf({ scopes }: ResourceMetrics): Generator<DataPoint> {
  for (const { metrics } of scopes) for (const { data } of metrics) yield* data?.points ?? [];
}
