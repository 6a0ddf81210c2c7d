import type { Format } from './format.ts';
import { parseGoFloat } from './float.ts';

const TAB = 9;
const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;
const MINUS = 45;
const ZERO = 48;
const DOT = -2; // '.' less '0'
const EXPONENT = 53; // 'e' less '0'

/** Powers of ten that a float64 holds exactly: a mantissa below 2^53 times or over one of them is rounded once, so exact. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** A number longer than this is broken; the longest that makes sense is a float64 written out, of 1,076 digits. */
const MAX_NUMBER_BYTES = 1200;

export type TailFault = 'value' | 'timestamp';

/**
 * Reads what stands behind the series of a sample line: value, timestamp, exemplar.
 *
 * The answers are fields of one reused object, because this runs for every sample of every scrape. The page must end with
 * a newline; every read stops there.
 */
export class TailReader {
  readonly #openMetrics: boolean;
  /** Index behind the newline of the line just read, -1 where the line is broken. */
  end = -1;
  /** Milliseconds, NaN where the line has none. */
  timestamp = NaN;
  /** Index of the `#` of an exemplar, -1 where there is none. The text formats know none, yet some programs write them there. */
  exemplar = -1;
  fault: TailFault = 'value';
  #at = 0;

  constructor(format: Format) {
    this.#openMetrics = format === 'openmetrics';
  }

  /** Reads from `at`, the first byte behind the series text, and answers the value. Look at `end` before using it. */
  read(page: Buffer, at: number): number {
    this.end = -1;
    this.fault = 'value';
    this.timestamp = NaN;
    this.exemplar = -1;
    let q = at;
    while (page[q] === SPACE || page[q] === TAB) q++;
    const value = this.#number(page, q);
    q = this.#at;
    if (page[q] === NEWLINE) this.end = q < 0 ? -1 : q + 1;
    else if (q >= 0) this.#readRest(page, q);
    return value;
  }

  /** A number, in the common forms without making a string. Leaves `#at` at the byte behind it, -1 where there is none. */
  #number(page: Buffer, from: number): number {
    let q = from;
    const negative = page[q] === MINUS;
    if (negative) q++;
    let digit = page[q] - ZERO;
    if (digit < 0 || digit > 9) return this.#unusualNumber(page, from);
    let mantissa = 0;
    let exponent = 0;
    while (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digit = page[++q] - ZERO;
    }
    if (digit === DOT) {
      const first = q + 1;
      digit = page[++q] - ZERO;
      while (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        digit = page[++q] - ZERO;
      }
      exponent = first - q;
    }
    if (digit === EXPONENT) {
      const sign = page[++q];
      if (sign === MINUS || sign === 43) q++;
      digit = page[q] - ZERO;
      if (digit < 0 || digit > 9) return this.#unusualNumber(page, from);
      let power = 0;
      while (digit >= 0 && digit <= 9) {
        power = power * 10 + digit;
        digit = page[++q] - ZERO;
      }
      exponent += sign === MINUS ? -power : power;
    }
    const next = page[q];
    if (next !== NEWLINE && next !== SPACE && next !== TAB) return this.#unusualNumber(page, from);
    this.#at = q;
    if (mantissa > Number.MAX_SAFE_INTEGER || exponent > 22 || exponent < -22) return this.#longNumber(page, from);
    const size = exponent < 0 ? mantissa / POWERS[-exponent] : mantissa * POWERS[exponent];
    return negative ? -size : size;
  }

  /** Well-formed up to `#at`, but with more digits or a larger power than can be put together without rounding twice. */
  #longNumber(page: Buffer, from: number): number {
    const value = this.#at - from > MAX_NUMBER_BYTES ? NaN : Number(page.toString('latin1', from, this.#at));
    if (!Number.isFinite(value)) this.#at = -1;
    return value;
  }

  #unusualNumber(page: Buffer, from: number): number {
    const limit = from + MAX_NUMBER_BYTES;
    let q = from;
    while (page[q] !== SPACE && page[q] !== TAB && page[q] !== NEWLINE && q < limit) q++;
    const value = parseGoFloat(page.toString('latin1', from, q));
    this.#at = value === undefined ? -1 : q;
    return value ?? NaN;
  }

  #readRest(page: Buffer, from: number): void {
    let q = skipBlanks(page, from);
    this.fault = 'timestamp';
    if (page[q] !== NEWLINE && page[q] !== HASH) {
      const time = this.#openMetrics ? this.#number(page, q) * 1000 : this.#milliseconds(page, q);
      if (this.#at < 0 || !Number.isFinite(time)) return;
      this.timestamp = Math.round(time);
      q = skipBlanks(page, this.#at);
    }
    if (page[q] === HASH) {
      this.exemplar = q;
      q = page.indexOf(NEWLINE, q);
    }
    if (page[q] === NEWLINE) this.end = q + 1;
  }

  /** The text formats give whole milliseconds. */
  #milliseconds(page: Buffer, from: number): number {
    let q = from;
    if (page[q] === MINUS) q++;
    const first = q;
    let time = 0;
    for (let digit = page[q] - ZERO; digit >= 0 && digit <= 9; digit = page[++q] - ZERO) time = time * 10 + digit;
    this.#at = q === first || !Number.isSafeInteger(time) ? -1 : q;
    return first > from ? -time : time;
  }
}

function skipBlanks(page: Buffer, from: number): number {
  let q = from;
  while (page[q] === SPACE || page[q] === TAB) q++;
  return q;
}
