import protobuf from 'protobufjs/minimal.js';
import { TimeSlice } from '../../lib/time/time-slice.ts';
import { DecodeError } from '../../lib/http/decode-error.ts';
import {
  type Place,
  eachFieldAt,
  eachFieldOfMessage,
  placeOfMessage,
  readList,
} from '../../lib/protobuf/read-fields.ts';
import { DecodeBudget } from '../decode-budget.ts';
import { readAttribute, readAttributes } from './attributes.ts';
import {
  type DataPoint,
  type ExponentialBuckets,
  type MetricData,
  type OtlpExemplar,
  type OtlpMetric,
  type ResourceMetrics,
  type ScopeMetrics,
  TEMPORALITIES,
  emptyPoint,
  pointUnits,
  idOf,
  isNoValue,
} from './request.ts';

type Reader = protobuf.Reader;

const KINDS: Readonly<Record<number, MetricData['kind']>> = {
  5: 'gauge',
  7: 'sum',
  9: 'histogram',
  10: 'exponential',
  11: 'summary',
};

/**
 * Reads an ExportMetricsServiceRequest, in time slices: a body of many megabytes takes seconds.
 * Source: opentelemetry-proto 1.x, opentelemetry/proto/metrics/v1/metrics.proto.
 * @throws {DecodeError}
 */
export async function readMetricsRequest(body: Buffer): Promise<ResourceMetrics[]> {
  const reader = protobuf.Reader.create(body);
  const slice = new TimeSlice();
  const budget = new DecodeBudget();
  const resources: ResourceMetrics[] = [];
  try {
    for (const place of await slice.finish(placesOf(reader, 1, budget)))
      resources.push(await readResourceMetrics(reader, place, slice, budget));
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw new DecodeError(400, `the body is not an ExportMetricsServiceRequest: ${(error as Error).message}`);
  }
  return resources;
}

/** Where the messages of one field lie. */
function* placesOf(reader: Reader, number: number, budget: DecodeBudget): Generator<undefined, Place[]> {
  const places: Place[] = [];
  for (let fields = 1; reader.pos < reader.len; fields++) {
    const tag = reader.uint32();
    if (tag >>> 3 === number) places.push(placeOf(reader, budget));
    else reader.skipType(tag & 7);
    if (fields % FIELDS_BETWEEN_LOOKS === 0) yield;
  }
  return places;
}

const FIELDS_BETWEEN_LOOKS = 256;

/** Passes over a message that becomes an object of about 400 bytes. */
function placeOf(reader: Reader, budget: DecodeBudget): Place {
  budget.spend(4);
  return placeOfMessage(reader);
}

async function readResourceMetrics(
  reader: Reader,
  place: Place,
  slice: TimeSlice,
  budget: DecodeBudget,
): Promise<ResourceMetrics> {
  const found: ResourceMetrics = { attributes: [], scopes: [] };
  const scopes: Place[] = [];
  eachFieldAt(reader, place, (field) => {
    if (field === 1) found.attributes = readAttributes(reader, 1);
    else if (field === 2) scopes.push(placeOf(reader, budget));
    else return false;
    return true;
  });
  for (const scope of scopes) found.scopes.push(await readScopeMetrics(reader, scope, slice, budget));
  return found;
}

async function readScopeMetrics(
  reader: Reader,
  place: Place,
  slice: TimeSlice,
  budget: DecodeBudget,
): Promise<ScopeMetrics> {
  const found: ScopeMetrics = { name: '', version: '', schemaUrl: '', attributes: [], metrics: [] };
  const metrics: Place[] = [];
  eachFieldAt(reader, place, (field) => {
    if (field === 1) readScope(reader, found);
    else if (field === 2) metrics.push(placeOf(reader, budget));
    else if (field === 3) found.schemaUrl = reader.string();
    else return false;
    return true;
  });
  for (const metric of metrics) found.metrics.push(await readMetric(reader, metric, slice, budget));
  return found;
}

function readScope(reader: Reader, into: ScopeMetrics): void {
  const attributes: [string, string][] = [];
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) into.name = reader.string();
    else if (field === 2) into.version = reader.string();
    else if (field === 3) attributes.push(readAttribute(reader));
    else return false;
    return true;
  });
  into.attributes = attributes;
}

async function readMetric(reader: Reader, place: Place, slice: TimeSlice, budget: DecodeBudget): Promise<OtlpMetric> {
  const metric: OtlpMetric = { name: '', description: '', unit: '', data: undefined };
  let data: { readonly kind: MetricData['kind']; readonly place: Place } | undefined;
  eachFieldAt(reader, place, (field) => {
    if (field === 1) metric.name = reader.string();
    else if (field === 2) metric.description = reader.string();
    else if (field === 3) metric.unit = reader.string();
    else if (KINDS[field] !== undefined) data = { kind: KINDS[field], place: placeOfMessage(reader) };
    else return false;
    return true;
  });
  if (data !== undefined) metric.data = await readData(reader, data.place, data.kind, slice, budget);
  return metric;
}

async function readData(
  reader: Reader,
  place: Place,
  kind: MetricData['kind'],
  slice: TimeSlice,
  budget: DecodeBudget,
): Promise<MetricData> {
  const data: MetricData = { kind, temporality: 'unspecified', monotonic: false, points: [] };
  const points: Place[] = [];
  eachFieldAt(reader, place, (field) => {
    if (field === 1) points.push(placeOf(reader, budget));
    else if (field === 2) data.temporality = TEMPORALITIES[reader.int32()] ?? 'unspecified';
    else if (field === 3) data.monotonic = reader.bool();
    else return false;
    return true;
  });
  for (const point of points) {
    const read = readPoint(reader, point, kind);
    budget.spend(pointUnits(read));
    data.points.push(read);
    if (slice.due) await slice.pause();
  }
  return data;
}

type ReadField = (reader: Reader, point: DataPoint, wire: number) => void;

const startField: ReadField = (reader, point) => (point.start = readTime(reader));
const timeField: ReadField = (reader, point) => (point.timestamp = readTime(reader));
const countField: ReadField = (reader, point) => (point.count = Number(reader.fixed64()));
const sumField: ReadField = (reader, point) => (point.sum = reader.double());
const flagsField: ReadField = (reader, point) => (point.noValue = isNoValue(reader.uint32()));
const attributeField: ReadField = (reader, point) => {
  checkFew(point.attributes, 'attributes');
  point.attributes.push(readAttribute(reader));
};
const exemplarField: ReadField = (reader, point) => {
  checkFew(point.exemplars, 'exemplars');
  point.exemplars.push(readExemplar(reader));
};

/** Attributes, or exemplars, of one data point. */
const MAX_OF_POINT = 1024;

function checkFew(list: readonly unknown[], what: string): void {
  if (list.length >= MAX_OF_POINT) throw new DecodeError(413, `a data point has more than ${MAX_OF_POINT} ${what}`);
}

const NUMBER: Readonly<Record<number, ReadField>> = {
  2: startField,
  3: timeField,
  4: (reader, point) => (point.value = reader.double()),
  5: exemplarField,
  6: (reader, point) => (point.value = Number(reader.sfixed64())),
  7: attributeField,
  8: flagsField,
};

/** The numbers that the fields of a point have differ from kind to kind. */
const FIELDS: Readonly<Record<MetricData['kind'], Readonly<Record<number, ReadField>>>> = {
  gauge: NUMBER,
  sum: NUMBER,
  histogram: {
    2: startField,
    3: timeField,
    4: countField,
    5: sumField,
    6: (reader, point, wire) => readList(reader, wire, point.counts, () => Number(reader.fixed64())),
    7: (reader, point, wire) => readList(reader, wire, point.bounds, () => reader.double()),
    8: exemplarField,
    9: attributeField,
    10: flagsField,
  },
  exponential: {
    1: attributeField,
    2: startField,
    3: timeField,
    4: countField,
    5: sumField,
    6: (reader, point) => (point.scale = reader.sint32()),
    7: (reader, point) => (point.zeroCount = Number(reader.fixed64())),
    8: (reader, point) => (point.positive = readBuckets(reader)),
    9: (reader, point) => (point.negative = readBuckets(reader)),
    10: flagsField,
    11: exemplarField,
  },
  summary: {
    2: startField,
    3: timeField,
    4: countField,
    5: sumField,
    6: (reader, point) => point.quantiles.push(readQuantile(reader)),
    7: attributeField,
    8: flagsField,
  },
};

function readPoint(reader: Reader, place: Place, kind: MetricData['kind']): DataPoint {
  const fields = FIELDS[kind];
  const point = emptyPoint();
  eachFieldAt(reader, place, (field, wire) => {
    const read = fields[field];
    if (read === undefined) return false;
    read(reader, point, wire);
    return true;
  });
  return point;
}

function readBuckets(reader: Reader): ExponentialBuckets {
  const buckets: ExponentialBuckets = { offset: 0, counts: [] };
  eachFieldOfMessage(reader, (field, wire) => {
    if (field === 1) buckets.offset = reader.sint32();
    else if (field === 2) readList(reader, wire, buckets.counts, () => Number(reader.uint64()));
    else return false;
    return true;
  });
  return buckets;
}

function readQuantile(reader: Reader): DataPoint['quantiles'][number] {
  const found = { quantile: 0, value: 0 };
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) found.quantile = reader.double();
    else if (field === 2) found.value = reader.double();
    else return false;
    return true;
  });
  return found;
}

function readExemplar(reader: Reader): OtlpExemplar {
  const exemplar: OtlpExemplar = { timestamp: 0, value: 0, traceId: '', spanId: '', attributes: [] };
  const attributes: [string, string][] = [];
  eachFieldOfMessage(reader, (field) => {
    if (field === 2) exemplar.timestamp = readTime(reader);
    else if (field === 3) exemplar.value = reader.double();
    else if (field === 4) exemplar.spanId = readId(reader);
    else if (field === 5) exemplar.traceId = readId(reader);
    else if (field === 6) exemplar.value = Number(reader.sfixed64());
    else if (field === 7) attributes.push(readAttribute(reader));
    else return false;
    return true;
  });
  exemplar.attributes = attributes;
  return exemplar;
}

function readId(reader: Reader): string {
  return idOf(Buffer.from(reader.bytes()).toString('hex'));
}

/** Whole milliseconds of a fixed64 of nanoseconds, which a float cannot hold: 2^32 is 4294 million and 967296. */
function readTime(reader: Reader): number {
  const low = reader.fixed32();
  const high = reader.fixed32();
  return high * 4294 + Math.floor((high * 967_296 + low) / 1e6);
}
