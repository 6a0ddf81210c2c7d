import protobuf from 'protobufjs';
import snappy from 'snappy';
import type { FloatHistogram, Span } from '../../src/model/sample.ts';
import type { RandomSeries } from './random-series.ts';

/** The part of remote write 1.0 that these tests need, as the specification names it. */
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Histogram histograms = 4; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
  message BucketSpan { sint32 offset = 1; uint32 length = 2; }
  message Histogram {
    oneof count { double count_float = 2; }
    double sum = 3;
    sint32 schema = 4;
    double zero_threshold = 5;
    oneof zero_count { double zero_count_float = 7; }
    repeated BucketSpan negative_spans = 8;
    repeated double negative_counts = 10;
    repeated BucketSpan positive_spans = 11;
    repeated double positive_counts = 13;
    int32 reset_hint = 14;
    int64 timestamp = 15;
    repeated double custom_values = 16;
  }
`,
  { keepCase: true },
);
const WriteRequest = root.lookupType('WriteRequest');

const HINTS = { unknown: 0, reset: 1, not_reset: 2, gauge: 3 };

/** A staleness marker's eight bytes, little-endian. */
const STALE = Buffer.from([2, 0, 0, 0, 0, 0, 0xf0, 0x7f]);
/** A number that no series holds stands for the marker until the bytes are made: JavaScript may not keep a NaN's bits. */
const STALE_STAND_IN = 1.234567890123e-287;

/**
 * Sends series to a Prometheus that takes remote write. Of a request it takes all floats of a series before its histograms:
 * series that change from one to the other go in several.
 */
export async function writeSeries(url: string, series: readonly RandomSeries[]): Promise<void> {
  const runs = series.map(({ labels, samples }) => splitByKind(samples).map((run) => ({ labels, samples: run })));
  const rounds = Math.max(...runs.map((ofSeries) => ofSeries.length));
  for (let round = 0; round < rounds; round++) {
    await send(
      url,
      runs.flatMap((ofSeries) => ofSeries.slice(round, round + 1)),
    );
  }
}

type Samples = RandomSeries['samples'];

/** A staleness marker is of the kind of what came before it. */
function splitByKind(samples: Samples): Samples[] {
  const runs: Samples[number][][] = [];
  let isHistogram: boolean | undefined;
  for (const sample of samples) {
    const kind: boolean = sample.value === 'stale' ? (isHistogram ?? false) : typeof sample.value === 'object';
    if (kind !== isHistogram) runs.push([]);
    isHistogram = kind;
    runs.at(-1)?.push(sample);
  }
  return runs;
}

async function send(url: string, series: readonly RandomSeries[]): Promise<void> {
  const bytes = Buffer.from(
    WriteRequest.encode(WriteRequest.fromObject({ timeseries: series.map(timeSeries) })).finish(),
  );
  replaceStandIns(bytes);
  const response = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: new Uint8Array(await snappy.compress(bytes)),
  });
  if (!response.ok) throw new Error(`remote write: ${response.status} ${await response.text()}`);
}

function timeSeries({ labels, samples }: RandomSeries): object {
  const ofHistograms = samples.some(({ value }) => typeof value === 'object');
  return {
    labels: [...labels.entries()].map(([name, value]) => ({ name, value })),
    [ofHistograms ? 'histograms' : 'samples']: samples.map(({ time, value }) => {
      if (typeof value === 'object') return histogram(value, time);
      const number = value === 'stale' ? STALE_STAND_IN : value;
      return ofHistograms ? { timestamp: time, count_float: 0, sum: number } : { timestamp: time, value: number };
    }),
  };
}

function histogram(h: FloatHistogram, timestamp: number): object {
  const spans = (list: readonly Span[]): object[] => list.map(({ offset, length }) => ({ offset, length }));
  return {
    count_float: h.count,
    sum: h.sum,
    schema: h.schema,
    zero_threshold: h.zeroThreshold,
    zero_count_float: h.zeroCount,
    negative_spans: spans(h.negativeSpans),
    negative_counts: h.negativeBuckets,
    positive_spans: spans(h.positiveSpans),
    positive_counts: h.positiveBuckets,
    reset_hint: HINTS[h.counterReset],
    timestamp,
    custom_values: h.customValues,
  };
}

function replaceStandIns(bytes: Buffer): void {
  const standIn = Buffer.alloc(8);
  standIn.writeDoubleLE(STALE_STAND_IN);
  for (let at = bytes.indexOf(standIn); at >= 0; at = bytes.indexOf(standIn, at + 8)) STALE.copy(bytes, at);
}
