import { isUtf8 } from 'node:buffer';

const TAB = 9;
const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

export type SeriesFault = 'syntax' | 'no_name' | 'not_utf8' | 'duplicate_label';

/**
 * Index behind the series text of the sample line at `from`: behind the closing brace, or behind the bare name.
 * -1 where the line ends before.
 */
export function seriesEnd(page: Buffer, from: number): number {
  let q = from;
  let byte = page[q];
  while (byte !== SPACE && byte !== TAB && byte !== OPEN && byte !== NEWLINE) byte = page[++q];
  const nameEnd = q;
  while (byte === SPACE || byte === TAB) byte = page[++q];
  if (byte === NEWLINE) return -1;
  return byte === OPEN ? bracesEnd(page, q) : nameEnd;
}

/** Index behind the brace that closes the one at `open`; -1 where the line ends before. */
export function bracesEnd(page: Buffer, open: number): number {
  for (let q = open + 1; ; q++) {
    const byte = page[q];
    if (byte === CLOSE) return q + 1;
    if (byte === NEWLINE) return -1;
    if (byte !== QUOTE) continue;
    for (q++; page[q] !== QUOTE; q++) {
      if (page[q] === BACKSLASH) q++;
      if (page[q] === NEWLINE) return -1;
    }
  }
}

/**
 * Reads a series text (`name{a="b"}`, `{"quoted.name", a="b"}`) into `[name, value, …]` with `__name__` first, unsorted.
 * Empty values are left out. `intern` is handed each string and answers the copy to keep.
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
    if (!parseLabels(page, q + 1, to, flat, intern)) return 'syntax';
  }
  for (let i = 2; i < flat.length; i += 2) {
    for (let j = 0; j < i; j += 2) if (flat[j] === flat[i]) return 'duplicate_label';
  }
  return flat[0] === '__name__' ? flat : 'no_name';
}

/** Labels behind an opening brace, the closing one last before `to`; a quoted string without `=` is the metric's name. */
export function parseLabels(
  page: Buffer,
  from: number,
  to: number,
  flat: string[],
  intern: (text: string) => string,
): boolean {
  let q = skipBlanks(page, from);
  while (q < to && page[q] !== CLOSE) {
    const quoted = page[q] === QUOTE;
    const nameEnd = quoted ? stringEnd(page, q, to) : bareEnd(page, q);
    if (nameEnd < 0 || nameEnd === q) return false;
    const name = intern(quoted ? unquote(page, q + 1, nameEnd - 1) : page.toString('latin1', q, nameEnd));
    if (name === '' || name === '__name__') return false;
    q = skipBlanks(page, nameEnd);
    if (page[q] === EQUALS) {
      q = skipBlanks(page, q + 1);
      const valueEnd = page[q] === QUOTE ? stringEnd(page, q, to) : -1;
      if (valueEnd < 0) return false;
      if (valueEnd > q + 2) flat.push(name, intern(unquote(page, q + 1, valueEnd - 1)));
      q = skipBlanks(page, valueEnd);
    } else if (quoted) {
      flat.unshift('__name__', name);
    } else {
      return false;
    }
    // Prometheus takes labels without a comma between them as well.
    if (page[q] === COMMA) q = skipBlanks(page, q + 1);
  }
  return q === to - 1;
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
  const raw = page.toString('utf8', from, to);
  return raw.includes('\\') ? unescape(raw) : raw;
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
