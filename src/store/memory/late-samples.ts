import type { ColumnBuilder } from './column-builder.ts';

interface Late {
  times: number[];
  /** Values as pairs of words. */
  words: number[];
  /** Whether the times ascend and none comes twice. Sorted when somebody reads, as many may come in any order. */
  sorted: boolean;
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
    return this.#sorted(series)?.times.length ?? 0;
  }

  /** Keeps the value at `words[2i]`, unless there is one for the time already. */
  add(series: number, time: number, words: Uint32Array, i: number): void {
    const late = this.#series.get(series) ?? { times: [], words: [], sorted: true };
    this.#series.set(series, late);
    if (late.times.length > 0 && late.times[late.times.length - 1] >= time) late.sorted = false;
    late.times.push(time);
    late.words.push(words[2 * i], words[2 * i + 1]);
    this.#count++;
  }

  /**
   * Puts what lies in `start <= t <= end` in its place in the builder's run that ends at `out`, unless the run has its time;
   * answers the new end. From the back, so that each sample moves once however many come in between.
   */
  merge(series: number, start: number, end: number, builder: ColumnBuilder, out: number): number {
    const late = this.#sorted(series);
    if (late === undefined) return out;
    const { times, words } = builder;
    const fresh = freshOf(late.times, start, end, times.subarray(builder.at, out));
    const merged = out + fresh.length;
    let from = out;
    for (let to = merged; fresh.length > 0;) {
      to--;
      const place = fresh[fresh.length - 1];
      const moves = from > builder.at && times[from - 1] > late.times[place];
      if (moves) from--;
      else fresh.pop();
      times[to] = moves ? times[from] : late.times[place];
      words[2 * to] = moves ? words[2 * from] : late.words[2 * place];
      words[2 * to + 1] = moves ? words[2 * from + 1] : late.words[2 * place + 1];
    }
    return merged;
  }

  /** Drops all up to `floor`. */
  drop(floor: number): void {
    for (const series of this.#series.keys()) {
      const late = this.#sorted(series);
      if (late === undefined) continue;
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

  #sorted(series: number): Late | undefined {
    const late = this.#series.get(series);
    if (late === undefined || late.sorted) return late;
    const { times, words } = late;
    const order = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
    late.times = [];
    late.words = [];
    for (const i of order) {
      if (late.times.at(-1) === times[i]) continue;
      late.times.push(times[i]);
      late.words.push(words[2 * i], words[2 * i + 1]);
    }
    this.#count -= times.length - late.times.length;
    late.sorted = true;
    return late;
  }
}

/** Indices of the late times in `start <= t <= end` that the run lacks; both ascend. */
function freshOf(late: readonly number[], start: number, end: number, run: Float64Array): number[] {
  const fresh: number[] = [];
  let at = 0;
  for (let place = 0; place < late.length; place++) {
    if (late[place] < start || late[place] > end) continue;
    while (at < run.length && run[at] < late[place]) at++;
    if (run[at] !== late[place]) fresh.push(place);
  }
  return fresh;
}
