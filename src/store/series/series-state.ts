import { grown } from './registry.ts';

/** What is known of each series' times, by series number. */
export class SeriesState {
  #first = new Float64Array(0);
  #last = new Float64Array(0);
  #lastWords = new Int32Array(0);

  /** Makes room for numbers below `bound`. */
  reach(bound: number): void {
    const before = this.#last.length;
    if (bound <= before) return;
    this.#first = grown(this.#first, bound).fill(Infinity, before);
    this.#last = grown(this.#last, bound).fill(-Infinity, before);
    this.#lastWords = grown(this.#lastWords, this.#last.length * 2);
  }

  /** Time of the newest sample taken in, or -Infinity. */
  last(series: number): number {
    return this.#last[series];
  }

  /** Time of the newest sample of all, or -Infinity. */
  newest(): number {
    return this.#last.reduce((newest, last) => Math.max(newest, last), -Infinity);
  }

  /** Whether the newest sample has the value at `words[2i]`. True where it is not known, as after a restart. */
  sameValue(series: number, words: Uint32Array, i: number): boolean {
    const low = this.#lastWords[2 * series];
    const high = this.#lastWords[2 * series + 1];
    if (low === UNKNOWN_LOW && high === UNKNOWN_HIGH) return true;
    return low === (words[2 * i] | 0) && high === (words[2 * i + 1] | 0);
  }

  advance(series: number, time: number, words: Uint32Array, i: number): void {
    this.#last[series] = time;
    this.#lastWords[2 * series] = words[2 * i];
    this.#lastWords[2 * series + 1] = words[2 * i + 1];
    if (time < this.#first[series]) this.#first[series] = time;
  }

  /** Widens the known times without a value. */
  covers(series: number, first: number, last: number): void {
    this.reach(series + 1);
    if (first < this.#first[series]) this.#first[series] = first;
    if (last > this.#last[series]) this.setLast(series, last);
  }

  setLast(series: number, last: number): void {
    this.#last[series] = last;
    this.#lastWords[2 * series] = UNKNOWN_LOW;
    this.#lastWords[2 * series + 1] = UNKNOWN_HIGH;
  }

  raiseFirst(first: number): void {
    for (let i = 0; i < this.#first.length; i++) {
      if (this.#first[i] < first && this.#last[i] >= first) this.#first[i] = first;
    }
  }

  forget(series: number): void {
    this.#first[series] = Infinity;
    this.setLast(series, -Infinity);
  }

  within(series: number, start: number, end: number): boolean {
    return series < this.#last.length && this.#first[series] <= end && this.#last[series] >= start;
  }
}

/** A NaN whose bits nothing else writes. */
const UNKNOWN_LOW = 0x5eed;
const UNKNOWN_HIGH = 0x7ff8dead | 0;
