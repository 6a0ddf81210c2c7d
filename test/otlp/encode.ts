import protobuf from 'protobufjs';

/** The part of opentelemetry-proto that carries metrics. */
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message Request { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; string schema_url = 3; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; string schema_url = 3; }
  message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
  message Metric {
    string name = 1; string description = 2; string unit = 3;
    oneof data { Points gauge = 5; Points sum = 7; Histogram histogram = 9; Exponential exponential_histogram = 10; Summary summary = 11; }
  }
  message Points { repeated NumberDataPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
  message Histogram { repeated HistogramDataPoint data_points = 1; int32 aggregation_temporality = 2; }
  message Exponential { repeated ExponentialDataPoint data_points = 1; int32 aggregation_temporality = 2; }
  message Summary { repeated SummaryDataPoint data_points = 1; }
  message NumberDataPoint {
    fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
    oneof value { double as_double = 4; sfixed64 as_int = 6; }
    repeated Exemplar exemplars = 5; repeated KeyValue attributes = 7; uint32 flags = 8;
  }
  message HistogramDataPoint {
    fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5;
    repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated Exemplar exemplars = 8;
    repeated KeyValue attributes = 9; uint32 flags = 10; optional double min = 11; optional double max = 12;
  }
  message ExponentialDataPoint {
    repeated KeyValue attributes = 1; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4;
    optional double sum = 5; sint32 scale = 6; fixed64 zero_count = 7; Buckets positive = 8; Buckets negative = 9;
    uint32 flags = 10; repeated Exemplar exemplars = 11; double zero_threshold = 14;
  }
  message Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
  message SummaryDataPoint {
    fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5;
    repeated Quantile quantile_values = 6; repeated KeyValue attributes = 7; uint32 flags = 8;
  }
  message Quantile { double quantile = 1; double value = 2; }
  message Exemplar {
    fixed64 time_unix_nano = 2; oneof value { double as_double = 3; sfixed64 as_int = 6; }
    bytes span_id = 4; bytes trace_id = 5; repeated KeyValue filtered_attributes = 7;
  }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
      ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; }
  }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
  message Response { PartialSuccess partial_success = 1; }
  message PartialSuccess { int64 rejected_data_points = 1; string error_message = 2; }
`,
  { keepCase: true },
);
const Request = root.lookupType('Request');
const Response = root.lookupType('Response');

export const DELTA = 1;
export const CUMULATIVE = 2;

/** The body of an export of these metrics by one resource and scope. */
export function exportRequest(
  resource: Readonly<Record<string, unknown>>,
  metrics: readonly object[],
  scope?: object,
): Buffer {
  return Buffer.from(Request.encode(requestOf(resource, metrics, scope)).finish());
}

/** The same in JSON, as OTLP has it: camel case, hex ids, 64-bit numbers as text. */
export function exportJson(
  resource: Readonly<Record<string, unknown>>,
  metrics: readonly object[],
  scope?: object,
): Buffer {
  const message = Request.toObject(requestOf(resource, metrics, scope), { longs: String, json: true });
  return Buffer.from(JSON.stringify(jsonForm(message)));
}

function jsonForm(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => jsonForm(item));
  if (value instanceof Uint8Array) return Buffer.from(value).toString(key.endsWith('_id') ? 'hex' : 'base64');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      jsonForm(item, name),
    ]),
  );
}

function requestOf(
  resource: Readonly<Record<string, unknown>>,
  metrics: readonly object[],
  scope: object = { name: 'shop', version: '1.2' },
): protobuf.Message {
  const scopeMetrics = [{ scope, metrics, schema_url: 'https://example.org/schema' }];
  return Request.fromObject({
    resource_metrics: [{ resource: { attributes: attributes(resource) }, scope_metrics: scopeMetrics }],
  });
}

export function partialSuccess(body: Uint8Array): { rejected: number; message: string } {
  const { partial_success: told } = Response.toObject(Response.decode(body), { longs: Number }) as {
    partial_success?: { rejected_data_points?: number; error_message?: string };
  };
  return { rejected: told?.rejected_data_points ?? 0, message: told?.error_message ?? '' };
}

/** Milliseconds as OTLP has them, a little into the millisecond. */
export function nanos(ms: number): string {
  return String(BigInt(ms) * 1_000_000n + 999_999n);
}

export function attributes(values: Readonly<Record<string, unknown>>): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: unknown): object {
  if (value === null) return {};
  if (typeof value === 'string') return { string_value: value };
  if (typeof value === 'boolean') return { bool_value: value };
  if (typeof value === 'bigint') return { int_value: String(value) };
  if (typeof value === 'number') return { double_value: value };
  if (value instanceof Uint8Array) return { bytes_value: value };
  if (Array.isArray(value)) return { array_value: { values: value.map(anyValue) } };
  return { kvlist_value: { values: attributes(value as Record<string, unknown>) } };
}
