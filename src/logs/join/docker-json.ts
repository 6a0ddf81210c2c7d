import type { Batch } from '../read/batch.ts';
import {
  type Joiner,
  type ReadContext,
  type TakeLine,
  addChecked,
  addJoined,
  addUnparsed,
  carryPart,
  createCarry,
  earliest,
} from './joiner.ts';
import { createStamp, readIsoTime } from './timestamp.ts';

const CARRIAGE_RETURN = 13;
const BRACE = 123;
const QUOTE = 34;
const BACKSLASH = 92;
const LOG_KEY = Buffer.from('{"log":"');
const STREAM_KEY = Buffer.from('"stream":"');
const TIME_KEY = Buffer.from('"time":"');

interface DockerJsonJoiner extends Joiner {
  readonly takeLine: TakeLine;
}

/**
 * Lines of Docker's json-file driver: `{"log":"…\n","stream":"stdout","time":"…"}`. A text without `\n` at its end is part
 * of a record that the next line of its stream goes on with.
 */
export function createDockerJsonJoiner(elsewhere: TakeLine = addUnparsed): DockerJsonJoiner {
  const stamp = createStamp();
  const carries = [createCarry(), createCarry(), createCarry()];

  const joiner: DockerJsonJoiner = {
    need: 0,
    takeLine,
    take(batch, from, end, context) {
      const src = batch.bytes;
      let p = from;
      while (p < end && batch.count < batch.capacity) {
        const newline = src.indexOf(10, p);
        joiner.need = takeLine(batch, p, newline, context);
        if (joiner.need > 0) return p;
        p = newline + 1;
      }
      return p;
    },
    flush(batch, context) {
      const open = carries.filter(({ start }) => start >= 0);
      return open.every((carry, i) => {
        batch.mark('partial');
        joiner.need = addJoined(batch, carry, 0, 0, context.base + i, carries.indexOf(carry), context);
        return joiner.need === 0;
      });
    },
    pending: () => earliest(...carries),
  };

  function takeLine(batch: Batch, p: number, newline: number, context: ReadContext): number {
    const src = batch.bytes;
    const offset = context.base + newline + 1;
    const start = p + LOG_KEY.length;
    const close = src.compare(LOG_KEY, 0, LOG_KEY.length, p, start) === 0 ? closingQuote(src, start, newline) : -1;
    const rest = close < 0 ? undefined : src.subarray(close, newline);
    const time = rest === undefined ? -1 : rest.lastIndexOf(TIME_KEY);
    if (rest === undefined || time < 0 || readIsoTime(src, close + time + TIME_KEY.length, newline, stamp) < 0) {
      return reordered(src, p, newline) ? takeLine(batch, p, newline, context) : elsewhere(batch, p, newline, context);
    }
    const named = rest.indexOf(STREAM_KEY);
    const letter = named < 0 ? 0 : rest[named + STREAM_KEY.length + 3];
    const stream = letter === 111 ? 1 : letter === 101 ? 2 : 0;
    const carry = carries[stream];
    const full = close - start >= 2 && src[close - 1] === 110 && endsWithNewline(src, start, close);
    // Without its `\n`; the line must stay as it is until the record is sure to have room.
    const stop = full ? close - 2 : close;
    if (!full) {
      const end = unescape(src, start, stop);
      if (carry.start < 0) Object.assign(carry, { start: context.base + p, ms: stamp.ms, nanos: stamp.nanos });
      carryPart(carry, src, start, end, context);
      return 0;
    }
    const length = stop - start;
    const worst = carry.start >= 0 ? 4 * (carry.length + length) : context.clean ? 0 : 3 * length;
    if (!batch.hasRoom(worst)) return worst;
    let end = unescape(src, start, stop);
    if (end > start && src[end - 1] === CARRIAGE_RETURN) end--;
    if (carry.start < 0) return addChecked(batch, start, end, offset, stamp.ms, stamp.nanos, stream, context);
    return addJoined(batch, carry, start, end, offset, stream, context);
  }
  return joiner;
}

/**
 * Puts the keys of a line into the order that is read quickly, in its place, padded with blanks; false where it is no line of
 * this form. Other writers than Docker's own have the keys in another order or blanks between them.
 */
function reordered(src: Buffer, p: number, newline: number): boolean {
  if (src[p] !== BRACE) return false;
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(src.toString('utf8', p, newline)) as Record<string, unknown>;
  } catch {
    return false;
  }
  const { log, stream = '', time, ...others } = line;
  if (typeof log !== 'string' || typeof stream !== 'string' || typeof time !== 'string') return false;
  if (Object.keys(others).some((key) => key !== 'attrs')) return false;
  const text = JSON.stringify({ log, stream, time });
  if (Buffer.byteLength(text) > newline - p || src.toString('utf8', p, p + LOG_KEY.length + 1) === text.slice(0, 9))
    return false;
  src.fill(32, p, newline);
  src.write(text, p);
  return true;
}

/** Place of the quote that ends the text, or -1. */
function closingQuote(src: Buffer, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (src[i] === BACKSLASH) i++;
    else if (src[i] === QUOTE) return i;
  }
  return -1;
}

/** Whether the text ends with an escaped line feed, and not with an escaped backslash and an n. */
function endsWithNewline(src: Buffer, start: number, close: number): boolean {
  let backslashes = 0;
  for (let i = close - 2; i >= start && src[i] === BACKSLASH; i--) backslashes++;
  return backslashes % 2 === 1;
}

const PLAIN: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9 };

/** Undoes JSON's escapes in place, which never makes a text longer; returns its new end. */
function unescape(src: Buffer, start: number, end: number): number {
  let from = src.indexOf(BACKSLASH, start);
  if (from < 0 || from >= end) return end;
  let to = from;
  while (from < end) {
    const byte = src[from++];
    if (byte !== BACKSLASH) src[to++] = byte;
    else if (src[from] !== 117) {
      const escaped = src[from++];
      src[to++] = PLAIN[escaped] ?? escaped;
    } else {
      let unit = Number.parseInt(src.toString('latin1', from + 1, from + 5), 16);
      from += 5;
      if (unit >= 0xd800 && unit < 0xdc00 && src[from] === BACKSLASH && src[from + 1] === 117) {
        const low = Number.parseInt(src.toString('latin1', from + 2, from + 6), 16);
        if (low >= 0xdc00 && low < 0xe000) {
          unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
          from += 6;
        }
      }
      const whole = Number.isNaN(unit) || (unit >= 0xd800 && unit < 0xe000) ? 0xfffd : unit;
      to += src.write(String.fromCodePoint(whole), to, 'utf8');
    }
  }
  return to;
}
