import type { ColumnBuilder } from './column-builder.ts';

interface Late {
  readonly times: number[];
  /** Values as pairs of words. */
  readonly words: number[];
}

/** Samples in memory that came when newer ones of their series were sealed already; few. */
export class LateSamples {
  readonly #series = new Map<number, Late>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#count * 24;
  }

  countOf(series: number): number {
    return this.#series.get(series)?.times.length ?? 0;
  }

  /** Keeps the value at `words[2i]`, unless there is one for the time already. */
  add(series: number, time: number, words: Uint32Array, i: number): void {
    const late = this.#series.get(series) ?? { times: [], words: [] };
    this.#series.set(series, late);
    let at = late.times.length;
    while (at > 0 && late.times[at - 1] > time) at--;
    if (at > 0 && late.times[at - 1] === time) return;
    late.times.splice(at, 0, time);
    late.words.splice(2 * at, 0, words[2 * i], words[2 * i + 1]);
    this.#count++;
  }

  /** Puts what lies in `start <= t <= end` in its place in the builder's run that ends at `out`; answers its new end. */
  merge(series: number, start: number, end: number, builder: ColumnBuilder, out: number): number {
    const late = this.#series.get(series);
    if (late === undefined) return out;
    const { times, words } = builder;
    let to = out;
    for (let i = 0; i < late.times.length; i++) {
      const time = late.times[i];
      if (time < start || time > end) continue;
      let at = to;
      while (at > builder.at && times[at - 1] > time) at--;
      if (at > builder.at && times[at - 1] === time) continue;
      times.copyWithin(at + 1, at, to);
      words.copyWithin(2 * at + 2, 2 * at, 2 * to);
      times[at] = time;
      words[2 * at] = late.words[2 * i];
      words[2 * at + 1] = late.words[2 * i + 1];
      to++;
    }
    return to;
  }

  /** Lets go of all up to `floor`. */
  drop(floor: number): void {
    for (const [series, late] of this.#series) {
      const keep = late.times.findIndex((time) => time > floor);
      const gone = keep === -1 ? late.times.length : keep;
      this.#count -= gone;
      late.times.splice(0, gone);
      late.words.splice(0, 2 * gone);
      if (late.times.length === 0) this.#series.delete(series);
    }
  }

  forget(series: number): void {
    this.#count -= this.countOf(series);
    this.#series.delete(series);
  }
}
