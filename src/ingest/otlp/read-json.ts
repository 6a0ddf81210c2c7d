import { TimeSlice } from '../../lib/time/time-slice.ts';
import { DecodeError } from '../../lib/http/decode-error.ts';
import { DecodeBudget } from '../decode-budget.ts';
import { type Value, MAX_DEPTH, longOf, mapOf, textOf } from './attributes.ts';
import {
  type JsonMessage,
  asMessage,
  boolField,
  digitsOf,
  fieldOf,
  messageField,
  messagesField,
  numberField,
  numbersField,
  textField,
  timeField,
  wrong,
} from './json-fields.ts';
import {
  type DataPoint,
  type ExponentialBuckets,
  type MetricData,
  type OtlpExemplar,
  type OtlpMetric,
  type ResourceMetrics,
  type ScopeMetrics,
  TEMPORALITIES,
  type Temporality,
  emptyPoint,
  idOf,
  isNoValue,
  pointUnits,
} from './request.ts';

/**
 * Reads an ExportMetricsServiceRequest in JSON; what is parsed is taken apart in time slices.
 * Source: OTLP specification, "JSON Protobuf Encoding": ids are hex, 64-bit numbers text or numbers, enums numbers (names
 * are taken too).
 * @throws {DecodeError}
 */
export async function readMetricsJson(body: Buffer): Promise<ResourceMetrics[]> {
  const slice = new TimeSlice();
  const budget = new DecodeBudget();
  const resources: ResourceMetrics[] = [];
  for (const message of messagesField(asMessage(parse(body), 'the body'), 'resourceMetrics')) {
    const scopes: ScopeMetrics[] = [];
    for (const scope of messagesField(message, 'scopeMetrics')) scopes.push(await scopeMetrics(scope, slice, budget));
    resources.push({ attributes: attributesOf(messageField(message, 'resource'), 'attributes'), scopes });
  }
  return resources;
}

/** Lists and objects inside each other: the message has 12, and each level of an attribute's value 3 more. */
const MAX_NESTING = 12 + 3 * (MAX_DEPTH + 2);

function parse(body: Buffer): unknown {
  if (isDeeperThan(body, MAX_NESTING)) throw new DecodeError(400, `the body is nested more than ${MAX_NESTING} deep`);
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new DecodeError(400, `the body is not JSON: ${(error as Error).message}`);
  }
}

async function scopeMetrics(message: JsonMessage, slice: TimeSlice, budget: DecodeBudget): Promise<ScopeMetrics> {
  const scope = messageField(message, 'scope') ?? {};
  const metrics: OtlpMetric[] = [];
  for (const one of messagesField(message, 'metrics')) metrics.push(await metric(one, slice, budget));
  return {
    name: textField(scope, 'name'),
    version: textField(scope, 'version'),
    schemaUrl: textField(message, 'schemaUrl'),
    attributes: attributesOf(scope, 'attributes'),
    metrics,
  };
}

const KINDS = [
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponentialHistogram', 'exponential'],
  ['summary', 'summary'],
] as const;

async function metric(message: JsonMessage, slice: TimeSlice, budget: DecodeBudget): Promise<OtlpMetric> {
  const found: OtlpMetric = {
    name: textField(message, 'name'),
    description: textField(message, 'description'),
    unit: textField(message, 'unit'),
    data: undefined,
  };
  for (const [name, kind] of KINDS) {
    const data = messageField(message, name);
    if (data !== undefined) found.data = await metricData(data, kind, slice, budget);
  }
  return found;
}

async function metricData(
  message: JsonMessage,
  kind: MetricData['kind'],
  slice: TimeSlice,
  budget: DecodeBudget,
): Promise<MetricData> {
  const points: DataPoint[] = [];
  for (const point of messagesField(message, 'dataPoints')) {
    const read = dataPoint(point, kind);
    budget.spend(pointUnits(read));
    points.push(read);
    if (slice.due) await slice.pause();
  }
  return { kind, temporality: temporality(message), monotonic: boolField(message, 'isMonotonic'), points };
}

function temporality(message: JsonMessage): Temporality {
  const value = fieldOf(message, 'aggregationTemporality') ?? 0;
  if (typeof value === 'number') return TEMPORALITIES[value] ?? 'unspecified';
  const named = TEMPORALITIES.find((name) => `AGGREGATION_TEMPORALITY_${name.toUpperCase()}` === value);
  if (named === undefined) throw wrong('aggregationTemporality', 'a temporality', value);
  return named;
}

function dataPoint(message: JsonMessage, kind: MetricData['kind']): DataPoint {
  const point: DataPoint = {
    ...emptyPoint(),
    attributes: attributesOf(message, 'attributes'),
    timestamp: timeField(message, 'timeUnixNano'),
    start: timeField(message, 'startTimeUnixNano'),
    noValue: isNoValue(numberField(message, 'flags') ?? 0),
    // An exemplar of NaN, which JavaScript writes as null, shows nothing.
    exemplars: messagesField(message, 'exemplars')
      .filter((one) => one.asDouble !== null && one.asInt !== null)
      .map(exemplar),
  };
  if (kind === 'gauge' || kind === 'sum') return { ...point, value: valueOf(message) };
  const lost = NOT_A_NUMBER[kind]?.find((name) => isNull(message, name.split('.')));
  if (lost !== undefined) return { ...point, broken: `${lost} of a data point is null, or holds one` };
  const counted = { ...point, count: numberField(message, 'count') ?? 0, sum: numberField(message, 'sum') };
  switch (kind) {
    case 'histogram':
      return {
        ...counted,
        counts: numbersField(message, 'bucketCounts'),
        bounds: numbersField(message, 'explicitBounds'),
      };
    case 'exponential':
      return {
        ...counted,
        scale: numberField(message, 'scale') ?? 0,
        zeroCount: numberField(message, 'zeroCount') ?? 0,
        positive: buckets(messageField(message, 'positive')),
        negative: buckets(messageField(message, 'negative')),
      };
    case 'summary':
      return {
        ...counted,
        quantiles: messagesField(message, 'quantileValues').map((one) => ({
          quantile: numberField(one, 'quantile') ?? 0,
          // JavaScript writes NaN as null, and quantiles of nothing are NaN.
          value: one.value === null ? Number.NaN : (numberField(one, 'value') ?? 0),
        })),
      };
  }
}

/** JavaScript writes NaN and infinity as null. An absent `sum` says that it was not measured, and a null one nothing. */
const NOT_A_NUMBER: Readonly<Partial<Record<MetricData['kind'], readonly string[]>>> = {
  histogram: ['sum', 'count', 'bucketCounts', 'explicitBounds'],
  exponential: ['sum', 'count', 'scale', 'zeroCount', 'positive.bucketCounts', 'negative.bucketCounts'],
  summary: ['sum', 'count'],
};

/** Whether a field is null where it is there, or a list with a null in it; the other name of a field counts as well. */
function isNull(message: JsonMessage, [name, inner]: readonly string[]): boolean {
  const value = message[name] === undefined ? fieldOf(message, name) : message[name];
  if (inner !== undefined) return typeof value === 'object' && value !== null && isNull(value as JsonMessage, [inner]);
  // Of a list, null is as good as absent.
  if (name === 'bucketCounts' || name === 'explicitBounds') return Array.isArray(value) && value.includes(null);
  return value === null;
}

function valueOf(message: JsonMessage): number | undefined {
  return numberField(message, 'asDouble') ?? numberField(message, 'asInt');
}

function buckets(message: JsonMessage = {}): ExponentialBuckets {
  return { offset: numberField(message, 'offset') ?? 0, counts: numbersField(message, 'bucketCounts') };
}

function exemplar(message: JsonMessage): OtlpExemplar {
  return {
    timestamp: timeField(message, 'timeUnixNano'),
    value: valueOf(message) ?? 0,
    traceId: hexField(message, 'traceId'),
    spanId: hexField(message, 'spanId'),
    attributes: attributesOf(message, 'filteredAttributes'),
  };
}

function hexField(message: JsonMessage, name: string): string {
  const hex = textField(message, name);
  if (!/^([0-9a-fA-F]{2})*$/.test(hex)) throw wrong(name, 'hex', hex);
  return idOf(hex.toLowerCase());
}

function attributesOf(message: JsonMessage = {}, name: string): [key: string, value: string][] {
  return messagesField(message, name).map((pair) => [
    textField(pair, 'key'),
    textOf(anyValue(fieldOf(pair, 'value'), 0)),
  ]);
}

function anyValue(given: unknown, depth: number): Value {
  if (depth > MAX_DEPTH) throw new DecodeError(400, `an attribute is nested more than ${MAX_DEPTH} deep`);
  const message = given === undefined ? {} : asMessage(given, 'value');
  const whole = fieldOf(message, 'intValue');
  const list = messageField(message, 'arrayValue');
  const map = messageField(message, 'kvlistValue');
  if (fieldOf(message, 'stringValue') !== undefined) return textField(message, 'stringValue');
  if (fieldOf(message, 'boolValue') !== undefined) return boolField(message, 'boolValue');
  if (whole !== undefined) return longOf(digitsOf(whole, 'intValue'));
  if (list !== undefined) return messagesField(list, 'values').map((value) => anyValue(value, depth + 1));
  if (map !== undefined)
    return mapOf(
      messagesField(map, 'values').map((pair) => [textField(pair, 'key'), anyValue(fieldOf(pair, 'value'), depth + 1)]),
    );
  if (fieldOf(message, 'bytesValue') !== undefined)
    return Buffer.from(textField(message, 'bytesValue'), 'base64').toString('base64');
  return numberField(message, 'doubleValue') ?? null;
}

/** Whether lists and objects are nested deeper, judged before they are parsed. What is no JSON may be either. */
function isDeeperThan(body: Buffer, limit: number): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (inText && byte === BACKSLASH) i++;
    else if (byte === QUOTE) inText = !inText;
    else if (!inText && (byte === LIST || byte === OBJECT) && ++depth > limit) return true;
    else if (!inText && (byte === LIST + 2 || byte === OBJECT + 2)) depth--;
  }
  return false;
}

const QUOTE = 34;
const BACKSLASH = 92;
const LIST = 91;
const OBJECT = 123;
