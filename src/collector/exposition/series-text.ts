import { isUtf8 } from 'node:buffer';

const TAB = 9;
const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;
const LETTER_N = 110;
const OPEN = 123;
const CLOSE = 125;

export type SeriesFault = 'syntax' | 'no_name' | 'not_utf8' | 'duplicate_label' | 'too_long' | 'too_many_labels';

/**
 * Name and labels of one line take at most this many bytes, whatever limits are configured: what is longer costs memory in
 * each module that it passes. Prometheus has no such bound; names and labels of real programs stay below 64 KiB.
 */
const MAX_SERIES_BYTES = 1024 * 1024;
/** Labels of one line, for the same reason. The largest number known of a real program is about 60. */
const MAX_LABELS = 1024;
/** From here on, a set finds labels that repeat; comparing each with each is faster below. */
const MANY_LABELS = 32;

export const LINE_ENDS = -1;
export const TOO_LONG = -2;

/**
 * Index behind the series text of the sample line at `from`: behind the closing brace, or behind the bare name.
 * `LINE_ENDS` where the line ends before, `TOO_LONG` where the text is longer than any that is read.
 */
export function seriesEnd(page: Buffer, from: number): number {
  const limit = from + MAX_SERIES_BYTES;
  let q = from;
  let byte = page[q];
  while (byte !== SPACE && byte !== TAB && byte !== OPEN && byte !== NEWLINE && q <= limit) byte = page[++q];
  const nameEnd = q;
  while (byte === SPACE || byte === TAB) byte = page[++q];
  if (byte === NEWLINE) return LINE_ENDS;
  if (byte === OPEN) return bracesEnd(page, q, limit);
  return nameEnd > limit ? TOO_LONG : nameEnd;
}

/** Index behind the brace that closes the one at `open`; `LINE_ENDS` or `TOO_LONG` where the line or `limit` comes before. */
export function bracesEnd(page: Buffer, open: number, limit = open + MAX_SERIES_BYTES): number {
  for (let q = open + 1; q <= limit; q++) {
    const byte = page[q];
    if (byte === CLOSE) return q + 1;
    if (byte === NEWLINE) return LINE_ENDS;
    if (byte !== QUOTE) continue;
    for (q++; page[q] !== QUOTE; q++) {
      if (page[q] === BACKSLASH) q++;
      if (page[q] === NEWLINE) return LINE_ENDS;
      if (q > limit) return TOO_LONG;
    }
  }
  return TOO_LONG;
}

/** Why a line has no series where `seriesEnd` returned `end`, which is below 0. */
export function faultOfEnd(end: number): SeriesFault {
  return end === TOO_LONG ? 'too_long' : 'syntax';
}

/**
 * Reads a series text (`name{a="b"}`, `{"quoted.name", a="b"}`) into `[name, value, …]` with `__name__` first, unsorted.
 * Labels with an empty value are in the list: they are no label of the series, but with `honor_labels` they take one away.
 * `intern` is called with each string and returns the copy to keep. Linear in the bytes.
 */
export function parseSeriesText(
  page: Buffer,
  from: number,
  to: number,
  intern: (text: string) => string,
): string[] | SeriesFault {
  if (!isUtf8(page.subarray(from, to))) return 'not_utf8';
  let q = from;
  while (isNameByte(page[q]) || page[q] === 58) q++;
  const flat: string[] = [];
  if (q > from) {
    if (isDigit(page[from])) return 'syntax';
    flat.push('__name__', intern(page.toString('latin1', from, q)));
  }
  q = skipBlanks(page, q);
  if (q < to) {
    if (page[q] !== OPEN) return 'syntax';
    const fault = parseLabels(page, q + 1, to, flat, intern);
    if (fault !== undefined) return fault;
  }
  if (hasDuplicates(flat)) return 'duplicate_label';
  return flat[0] === '__name__' ? flat : 'no_name';
}

function hasDuplicates(flat: readonly string[]): boolean {
  if (flat.length > 2 * MANY_LABELS) {
    const names = new Set<string>();
    for (let i = 0; i < flat.length; i += 2) names.add(flat[i]);
    return names.size < flat.length / 2;
  }
  for (let i = 2; i < flat.length; i += 2) {
    for (let j = 0; j < i; j += 2) if (flat[j] === flat[i]) return true;
  }
  return false;
}

/**
 * Appends the labels behind an opening brace to `flat`, the closing one last before `to`; a quoted string without `=` is the
 * metric's name. Returns why they cannot be read, undefined where they were.
 */
export function parseLabels(
  page: Buffer,
  from: number,
  to: number,
  flat: string[],
  intern: (text: string) => string,
): SeriesFault | undefined {
  let q = skipBlanks(page, from);
  while (q < to && page[q] !== CLOSE) {
    const quoted = page[q] === QUOTE;
    const nameEnd = quoted ? stringEnd(page, q, to) : bareEnd(page, q);
    if (nameEnd < 0 || nameEnd === q) return 'syntax';
    const name = intern(quoted ? unquote(page, q + 1, nameEnd - 1) : page.toString('latin1', q, nameEnd));
    if (name === '' || name === '__name__') return 'syntax';
    q = skipBlanks(page, nameEnd);
    if (page[q] === EQUALS) {
      q = skipBlanks(page, q + 1);
      const valueEnd = page[q] === QUOTE ? stringEnd(page, q, to) : -1;
      if (valueEnd < 0) return 'syntax';
      flat.push(name, intern(unquote(page, q + 1, valueEnd - 1)));
      if (flat.length > 2 * MAX_LABELS + 2) return 'too_many_labels';
      q = skipBlanks(page, valueEnd);
    } else if (quoted) {
      flat.unshift('__name__', name);
    } else {
      return 'syntax';
    }
    // Prometheus takes labels without a comma between them as well.
    if (page[q] === COMMA) q = skipBlanks(page, q + 1);
  }
  return q === to - 1 ? undefined : 'syntax';
}

function stringEnd(page: Buffer, open: number, to: number): number {
  for (let q = open + 1; q < to; q++) {
    if (page[q] === QUOTE) return q + 1;
    if (page[q] === BACKSLASH) q++;
  }
  return -1;
}

function bareEnd(page: Buffer, from: number): number {
  if (isDigit(page[from])) return -1;
  let q = from;
  while (isNameByte(page[q])) q++;
  return q;
}

/** The text between quotes. `\\`, `\"` and `\n` are escapes; a backslash before anything else stands for itself. */
function unquote(page: Buffer, from: number, to: number): string {
  const first = page.subarray(from, to).indexOf(BACKSLASH);
  if (first < 0) return page.toString('utf8', from, to);
  // Byte by byte into one buffer: a callback or a piece of string for each escape takes 80 bytes and a microsecond.
  const bytes = Buffer.allocUnsafe(to - from);
  page.copy(bytes, 0, from, from + first);
  let length = first;
  for (let q = from + first; q < to; q++) {
    const next = page[q] === BACKSLASH && q + 1 < to ? page[q + 1] : 0;
    if (next === BACKSLASH || next === QUOTE || next === LETTER_N) {
      bytes[length++] = next === LETTER_N ? NEWLINE : next;
      q++;
    } else {
      bytes[length++] = page[q];
    }
  }
  return bytes.toString('utf8', 0, length);
}

export function unescape(raw: string): string {
  return raw.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function skipBlanks(page: Buffer, from: number): number {
  let q = from;
  while (page[q] === SPACE || page[q] === TAB) q++;
  return q;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function isNameByte(byte: number): boolean {
  return (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte === 95 || isDigit(byte);
}
