import protobuf from 'protobufjs/minimal.js';
import snappy from 'snappy';

/** A series of a remote-write request as a test describes it; nothing is checked, so that it may be wrong. */
export interface WrittenSeries {
  /** Bytes stand for text that is not UTF-8. */
  readonly labels: readonly (readonly [name: string | Buffer, value: string | Buffer])[];
  readonly samples?: readonly (readonly [value: number, at: number, start?: number])[];
  readonly histograms?: readonly WrittenHistogram[];
  readonly exemplars?: readonly { readonly value: number; readonly at: number }[];
  readonly metadata?: { readonly type?: number; readonly help?: string };
}

/** Buckets as counts; an integer histogram (`float` unset) sends them as deltas. */
export interface WrittenHistogram {
  readonly at: number;
  readonly float?: boolean;
  readonly count: number;
  readonly sum?: number;
  /** The sum is the staleness marker. */
  readonly stale?: boolean;
  readonly schema?: number;
  readonly zeroThreshold?: number;
  readonly zeroCount?: number;
  readonly positive?: WrittenSide;
  readonly negative?: WrittenSide;
  readonly custom?: readonly number[];
}

export interface WrittenSide {
  readonly spans: readonly (readonly [offset: number, length: number])[];
  readonly counts: readonly number[];
}

export const CONTENT_TYPES = {
  1: 'application/x-protobuf',
  2: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
} as const;

export type Version = keyof typeof CONTENT_TYPES;

/** The body of a remote-write request, compressed. */
export function encodeWrite(version: Version, series: readonly WrittenSeries[]): Buffer {
  return snappy.compressSync(encodeWriteMessage(version, series));
}

export function encodeWriteMessage(version: Version, series: readonly WrittenSeries[]): Buffer {
  const writer = protobuf.Writer.create();
  const symbols = new Symbols();
  for (const one of series) {
    writer.uint32(version === 1 ? 0x0a : 0x2a).fork();
    if (version === 1) for (const [name, value] of one.labels) writeLabel(writer, name, value);
    else {
      writer.uint32(0x0a).fork();
      for (const pair of one.labels) for (const text of pair) writer.uint32(symbols.of(text));
      writer.ldelim();
    }
    for (const [value, at, start = 0] of one.samples ?? []) {
      writer.uint32(0x12).fork().uint32(0x09).double(value).uint32(0x10).int64(at);
      if (start !== 0) writer.uint32(0x18).int64(start);
      writer.ldelim();
    }
    for (const { value, at } of one.exemplars ?? []) {
      writer.uint32(version === 1 ? 0x1a : 0x22).fork();
      writer.uint32(0x11).double(value).uint32(0x18).int64(at).ldelim();
    }
    for (const histogram of one.histograms ?? []) writeHistogram(writer, version === 1 ? 0x22 : 0x1a, histogram);
    if (one.metadata !== undefined) {
      const { type = 0, help = '' } = one.metadata;
      writer.uint32(0x2a).fork().uint32(0x08).uint32(type).uint32(0x18).uint32(symbols.of(help)).ldelim();
    }
    writer.ldelim();
  }
  if (version === 2) for (const symbol of symbols.all) writer.uint32(0x22).bytes(symbol);
  return Buffer.from(writer.finish());
}

class Symbols {
  readonly all: Buffer[] = [Buffer.alloc(0)];
  readonly #places = new Map([['', 0]]);

  of(text: string | Buffer): number {
    const bytes = Buffer.from(text);
    const key = bytes.toString('latin1');
    const known = this.#places.get(key) ?? this.all.push(bytes) - 1;
    this.#places.set(key, known);
    return known;
  }
}

function writeLabel(writer: protobuf.Writer, name: string | Buffer, value: string | Buffer): void {
  writer.uint32(0x0a).fork();
  writer.uint32(0x0a).bytes(Buffer.from(name)).uint32(0x12).bytes(Buffer.from(value)).ldelim();
}

function writeHistogram(writer: protobuf.Writer, tag: number, h: WrittenHistogram): void {
  writer.uint32(tag).fork();
  if (h.float === true) writer.uint32(0x11).double(h.count);
  else writer.uint32(0x08).uint64(h.count);
  if (h.stale === true) writer.uint32(0x19).fixed64({ low: 2, high: 0x7ff00000, unsigned: true });
  else writer.uint32(0x19).double(h.sum ?? 0);
  writer.uint32(0x20).sint32(h.schema ?? 0);
  writer.uint32(0x29).double(h.zeroThreshold ?? 0);
  if (h.float === true) writer.uint32(0x39).double(h.zeroCount ?? 0);
  else writer.uint32(0x30).uint64(h.zeroCount ?? 0);
  writeSide(writer, h.negative, h.float === true, [0x42, 0x4a, 0x52]);
  writeSide(writer, h.positive, h.float === true, [0x5a, 0x62, 0x6a]);
  writer.uint32(0x78).int64(h.at);
  if (h.custom !== undefined) {
    writer.uint32(0x82).uint32(h.custom.length * 8);
    for (const bound of h.custom) writer.double(bound);
  }
  writer.ldelim();
}

function writeSide(
  writer: protobuf.Writer,
  side: WrittenSide | undefined,
  float: boolean,
  [spans, deltas, counts]: readonly [number, number, number],
): void {
  for (const [offset, length] of side?.spans ?? [])
    writer.uint32(spans).fork().uint32(0x08).sint32(offset).uint32(0x10).uint32(length).ldelim();
  if (side === undefined) return;
  writer.uint32(float ? counts : deltas).fork();
  let before = 0;
  for (const count of side.counts) {
    if (float) writer.double(count);
    else writer.sint64(count - before);
    before = count;
  }
  writer.ldelim();
}
