import protobuf from 'protobufjs/minimal.js';
import type { Labels } from '../model/labels.ts';
import type { FloatHistogram, MetricMetadata, SampleBatch, Series, SeriesExemplar, Span } from '../model/sample.ts';
import { METRIC_TYPES, RESET_HINTS, wordsOf } from '../model/sample.ts';
import { compress } from '../lib/snappy-block.ts';

type Writer = protobuf.Writer;

/** A body of the samples at these indices, written field by field. */
export async function encodeSeries(
  batch: SampleBatch,
  indices: Uint32Array,
  exemplars: ReadonlyMap<Series, readonly SeriesExemplar[]>,
): Promise<Buffer> {
  const { series } = batch.layout;
  const writer = protobuf.Writer.create();
  for (const i of indices) writeSeries(writer, batch, i, exemplars.get(series[i]) ?? []);
  return compress(Buffer.from(writer.finish()));
}

/** A body of metadata alone. */
export async function encodeMetadata(metadata: readonly MetricMetadata[]): Promise<Buffer> {
  const writer = protobuf.Writer.create();
  for (const { metric, type, unit, help } of metadata) {
    writer.uint32(0x1a).fork();
    writer.uint32(0x08).uint32(METRIC_TYPES.indexOf(type));
    writer.uint32(0x12).string(metric).uint32(0x22).string(help).uint32(0x2a).string(unit);
    writer.ldelim();
  }
  return compress(Buffer.from(writer.finish()));
}

export function groupExemplars(exemplars: readonly SeriesExemplar[]): Map<Series, SeriesExemplar[]> {
  const groups = new Map<Series, SeriesExemplar[]>();
  for (const exemplar of exemplars) {
    const group = groups.get(exemplar.series);
    if (group === undefined) groups.set(exemplar.series, [exemplar]);
    else group.push(exemplar);
  }
  return groups;
}

function writeSeries(writer: Writer, batch: SampleBatch, i: number, exemplars: readonly SeriesExemplar[]): void {
  writer.uint32(0x0a).fork();
  writeLabels(writer, batch.layout.series[i].labels);
  const histogram = batch.histograms?.[i];
  const timestamp = batch.timestamps[i];
  if (histogram === undefined) {
    const words = wordsOf(batch.values);
    writer.uint32(0x12).fork();
    writer.uint32(0x09).fixed64({ low: words[2 * i], high: words[2 * i + 1], unsigned: true });
    writer.uint32(0x10).int64(timestamp).ldelim();
  } else {
    writer.uint32(0x22).fork();
    writeHistogram(writer, histogram, timestamp);
    writer.ldelim();
  }
  for (const exemplar of exemplars) {
    writer.uint32(0x1a).fork();
    writeLabels(writer, exemplar.labels);
    writer.uint32(0x11).double(exemplar.value);
    writer
      .uint32(0x18)
      .int64(exemplar.timestamp ?? timestamp)
      .ldelim();
  }
  writer.ldelim();
}

export function writeLabels(writer: Writer, labels: Labels): void {
  for (const [name, value] of labels.entries())
    writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(value).ldelim();
}

/** As float histogram, which every receiver of native histograms takes. */
export function writeHistogram(writer: Writer, histogram: FloatHistogram, timestamp: number): void {
  writer.uint32(0x11).double(histogram.count).uint32(0x19).double(histogram.sum);
  writer
    .uint32(0x20)
    .sint32(histogram.schema)
    .uint32(0x29)
    .double(histogram.zeroThreshold)
    .uint32(0x39)
    .double(histogram.zeroCount);
  writeSpans(writer, 0x42, histogram.negativeSpans);
  writeDoubles(writer, 0x52, histogram.negativeBuckets);
  writeSpans(writer, 0x5a, histogram.positiveSpans);
  writeDoubles(writer, 0x6a, histogram.positiveBuckets);
  writer.uint32(0x70).int32(RESET_HINTS.indexOf(histogram.counterReset)).uint32(0x78).int64(timestamp);
  writeDoubles(writer, 0x82, histogram.customValues);
}

function writeSpans(writer: Writer, tag: number, spans: readonly Span[]): void {
  for (const { offset, length } of spans)
    writer.uint32(tag).fork().uint32(0x08).sint32(offset).uint32(0x10).uint32(length).ldelim();
}

function writeDoubles(writer: Writer, tag: number, values: readonly number[]): void {
  if (values.length === 0) return;
  writer.uint32(tag).fork();
  for (const value of values) writer.double(value);
  writer.ldelim();
}
