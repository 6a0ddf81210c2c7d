import type { LogBatch, LogSource } from '../../../model/log.ts';
import { RecordHash } from '../../../model/record-hash.ts';
import { type Body, type Ticket, viewOf } from './body.ts';

/** Text that many documents share, as little-endian words, which are copied four times as fast as bytes. */
interface Part {
  readonly words: Uint32Array;
  readonly length: number;
}

/** What all documents of a source share, encoded once. */
interface Frame {
  readonly stream: string;
  /** `{"create":{"_index":"…","_id":"ID-`, before the hash of the record. */
  readonly action: Part;
  /** Everything behind the offset, to the line end. */
  readonly tail: Buffer;
}

const BEFORE_TIME = partOf('"}}\n{"@timestamp":"');
const BEFORE_MESSAGE = partOf('Z","message":"');
const BEFORE_OFFSET = ['', ',"stream":"stdout"', ',"stream":"stderr"'].map((stream) =>
  partOf(`"${stream},"log":{"offset":`),
);
const ID_LETTERS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
/** A number, a time, an id and the fixed parts above, with some to spare. */
const FIXED = 192;
/** The longest that one byte can become: `\u0000`. */
const WORST = 6;

const QUOTE = 34;
const BACKSLASH = 92;
const HEX = Buffer.from('0123456789abcdef');
/** 0: stands as it is; else the letter behind the backslash, `u` for the long form. */
const ESCAPES = new Uint8Array(256);
ESCAPES.fill(117, 0, 32);
for (const [byte, letter] of [
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [12, 'f'],
  [13, 'r'],
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
] as const)
  // prettier-ignore
  ESCAPES[byte] = letter.charCodeAt(0);

/** Writes records as ECS documents into bulk bodies, byte by byte from the batch. */
export class Encoder {
  /** A body takes no further record from here on. */
  maxBody: number;
  readonly #frames = new WeakMap<LogSource, Frame>();
  readonly #hash = new RecordHash();
  readonly #streamOf: (source: LogSource) => string;
  /** The minute last written, as `2026-11-21T12:14:`. */
  readonly #minute = { at: NaN, text: partOf('') };

  constructor(maxBody: number, streamOf: (source: LogSource) => string) {
    this.maxBody = maxBody;
    this.#streamOf = streamOf;
  }

  /** Appends records from `first` on, as many as the body takes; returns the index of the first one left. */
  append(batch: LogBatch, first: number, body: Body, ticket: Ticket): number {
    const frame = this.#frameOf(batch.source);
    const { starts, ends, flags } = batch;
    const from = viewOf(batch.bytes);
    const span = { ticket, stream: frame.stream, from: body.count, to: body.count };
    let i = first;
    for (; i < batch.count && body.length < this.maxBody; i++) {
      const marks = flags?.get(i);
      const worst =
        WORST * (ends[i] - starts[i]) + frame.action.length + frame.tail.length + FIXED + 32 * (marks?.length ?? 0);
      if (!body.makeRoom(worst)) break;
      body.starts[body.count++] = body.length;
      body.length = this.#write(batch, from, i, frame, body, marks);
    }
    span.to = body.count;
    if (span.to > span.from) body.spans.push(span);
    return i;
  }

  #write(batch: LogBatch, from: DataView, i: number, frame: Frame, body: Body, marks?: readonly string[]): number {
    const { bytes: out, view } = body;
    this.#hash.of(batch, from, i);
    let to = putHash(this.#hash, out, put(frame.action, view, body.length));
    to = put(BEFORE_TIME, view, to);
    to = this.#putTime(batch.timestamps[i], batch.nanos[i], body, to);
    to = put(BEFORE_MESSAGE, view, to);
    to = putEscaped(from, batch.starts[i], batch.ends[i], view, to);
    to = put(BEFORE_OFFSET[batch.streams[i]], view, to);
    to = putNumber(batch.offsets[i], out, to);
    if (marks !== undefined) to += out.write(`,"flags":${JSON.stringify(marks)}`, to, 'latin1');
    return to + frame.tail.copy(out, to);
  }

  /** `2026-11-21T12:14:31.123456789`, or with three digits where there is nothing below the millisecond. */
  #putTime(ms: number, nanos: number, { bytes: out, view }: Body, start: number): number {
    const at = Math.floor(ms / 60_000);
    const minute = this.#minute;
    if (at !== minute.at) {
      minute.at = at;
      minute.text = partOf(new Date(at * 60_000).toISOString().slice(0, 17));
    }
    const rest = ms - at * 60_000;
    const second = (rest / 1000) | 0;
    let to = putDigits(second, 2, out, put(minute.text, view, start));
    out[to++] = 46;
    to = putDigits(rest - second * 1000, 3, out, to);
    return nanos === 0 ? to : putDigits(nanos, 6, out, to);
  }

  #frameOf(source: LogSource): Frame {
    const known = this.#frames.get(source);
    if (known !== undefined) return known;
    const stream = this.#streamOf(source);
    const { log = {}, ...rest } = nest(source.fields);
    const logFields = JSON.stringify(log).slice(1, -1);
    const others = JSON.stringify(rest).slice(1, -1);
    const frame = {
      stream,
      action: partOf(`{"create":{"_index":${JSON.stringify(stream)},"_id":${JSON.stringify(source.id).slice(0, -1)}-`),
      tail: Buffer.from(`${logFields === '' ? '' : `,${logFields}`}}${others === '' ? '' : `,${others}`}}\n`),
    };
    this.#frames.set(source, frame);
    return frame;
  }
}

type Tree = { [key: string]: string | Tree };

/** `a.b: x` as `{a: {b: x}}`; a name that is both a value and a folder keeps its dots. */
function nest(fields: Readonly<Record<string, string>>): Tree {
  const tree: Tree = {};
  for (const [name, value] of Object.entries(fields)) {
    const steps = name.split('.');
    let at = tree;
    while (steps.length > 1) {
      const next = (at[steps[0]] ??= {});
      if (typeof next === 'string') break;
      at = next;
      steps.shift();
    }
    at[steps.join('.')] = value;
  }
  return tree;
}

function partOf(text: string): Part {
  const length = Buffer.byteLength(text);
  const padded = Buffer.alloc(Math.ceil(length / 4) * 4);
  padded.write(text);
  return { words: Uint32Array.from({ length: padded.length / 4 }, (_, i) => padded.readUInt32LE(i * 4)), length };
}

/** Writes a part, and up to three bytes more, which what follows overwrites. */
function put({ words, length }: Part, out: DataView, at: number): number {
  for (let k = 0; k < words.length; k++) out.setUint32(at + k * 4, words[k], true);
  return at + length;
}

/** 64 bits as eleven letters that need no escape anywhere. */
function putHash({ high, low }: RecordHash, out: Buffer, at: number): number {
  let rest = high;
  for (let k = 0; k < 5; k++, rest >>>= 6) out[at + k] = ID_LETTERS[rest & 63];
  // Two bits of the first word are left.
  out[at + 5] = ID_LETTERS[(rest & 3) | ((low & 15) << 2)];
  rest = low >>> 4;
  for (let k = 6; k < 11; k++, rest >>>= 6) out[at + k] = ID_LETTERS[rest & 63];
  return at + 11;
}

function putNumber(value: number, out: Buffer, at: number): number {
  const high = Math.floor(value / 1e9);
  const low = value - high * 1e9;
  if (high > 0) return putDigits(low, 9, out, putNumber(high, out, at));
  let width = 1;
  for (let bound = 10; low >= bound; bound *= 10) width++;
  return putDigits(low, width, out, at);
}

/** The last `width` decimal digits of an integer below 2^31. */
function putDigits(value: number, width: number, out: Buffer, at: number): number {
  let rest = value | 0;
  for (let k = width - 1; k >= 0; k--) {
    const tenth = (rest / 10) | 0;
    out[at + k] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  return at + width;
}

/**
 * Copies UTF-8 text as the inside of a JSON string; returns the index after it. Four bytes at a time where none of them needs an
 * escape: less than 0x20, a quote, or a backslash. The test on a word is that of "Bit Twiddling Hacks" for a byte less than n and for
 * a zero byte; where it errs, in a byte next to one that it meant, the bytes are only looked at one by one.
 */
function putEscaped(src: DataView, start: number, end: number, out: DataView, at: number): number {
  const escapes = ESCAPES;
  let to = at;
  for (let i = start; i < end;) {
    for (; i < end - 3; i += 4, to += 4) {
      const word = src.getUint32(i, true);
      const quote = word ^ 0x22222222;
      const slash = word ^ 0x5c5c5c5c;
      const control = (word - 0x20202020) & ~word;
      if ((control | ((quote - 0x01010101) & ~quote) | ((slash - 0x01010101) & ~slash)) & 0x80808080) break;
      out.setUint32(to, word, true);
    }
    for (const stop = Math.min(end, i + 4); i < stop; i++) {
      const byte = src.getUint8(i);
      const escape = escapes[byte];
      if (escape === 0) {
        out.setUint8(to++, byte);
        continue;
      }
      out.setUint8(to++, BACKSLASH);
      out.setUint8(to++, escape);
      if (escape !== 117) continue;
      out.setUint16(to, 0x3030);
      out.setUint8(to + 2, HEX[byte >> 4]);
      out.setUint8(to + 3, HEX[byte & 15]);
      to += 4;
    }
  }
  return to;
}
