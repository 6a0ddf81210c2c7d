import { grown } from '../series/registry.ts';

/** Late samples of a series that wait for a merge: so many, or as many as there are changes where that is more. */
const MERGE_AT = 256;

interface Changes {
  readonly times: number[];
  readonly starts: number[];
}

/**
 * When the counters behind the samples in memory began, by series number: only where that changes, which is seldom.
 *
 *   #start, #since   what holds now, and from which sample on; 0 where it is not known
 *   #newest          time of the newest sample added
 *   #earlier         number → what held before, oldest first: `starts[k]` from `times[k]` on
 *   #late            number → late samples that are not merged into the lists above yet, in the order they came
 *
 * A late sample of another start holds for its millisecond alone, as times are whole milliseconds. Late samples are merged
 * many at a time, as each merge copies the list.
 * Price: 24 bytes a series once there is any start, 16 bytes a change.
 */
export class StartTimes {
  #start = new Float64Array(0);
  #since = new Float64Array(0);
  #newest = new Float64Array(0);
  readonly #earlier = new Map<number, Changes>();
  readonly #late = new Map<number, Changes>();
  #changes = 0;
  #waiting = 0;

  /** Approximate size in memory. */
  get bytes(): number {
    const lists = this.#earlier.size + this.#late.size;
    return this.#start.length * 24 + lists * 200 + (this.#changes + this.#waiting) * 16;
  }

  /** Records that the counter behind the sample began at `start`, 0 where that is unknown. Call it for every sample of a series. */
  add(series: number, time: number, start: number): void {
    if (series >= this.#start.length) {
      if (start === 0) return;
      this.#reach(series + 1);
    }
    if (time <= this.#newest[series]) {
      this.#addLate(series, time, start);
      return;
    }
    this.#newest[series] = time;
    if (start !== this.#start[series]) this.#change(series, time, start);
  }

  /** By sample, 0 where unknown; undefined where nothing is known of the series. `times` ascend. */
  at(series: number, times: Float64Array): Float64Array | undefined {
    this.#merge(series);
    const earlier = this.#earlier.get(series);
    if (series >= this.#start.length || (this.#start[series] === 0 && earlier === undefined)) return undefined;
    const since = this.#since[series];
    let next = 0;
    return Float64Array.from(times, (time) => {
      if (time >= since) return this.#start[series];
      if (earlier === undefined) return 0;
      while (next < earlier.times.length && earlier.times[next] <= time) next++;
      return next === 0 ? 0 : earlier.starts[next - 1];
    });
  }

  /** Drops what holds for no sample past `floor`. */
  drop(floor: number): void {
    for (const series of this.#late.keys()) this.#merge(series);
    for (const [series, { times, starts }] of this.#earlier) {
      const until = (k: number) => times[k + 1] ?? this.#since[series];
      let gone = 0;
      while (gone < times.length && until(gone) <= floor + 1) gone++;
      times.splice(0, gone);
      starts.splice(0, gone);
      this.#changes -= gone;
      if (times.length === 0) this.#earlier.delete(series);
    }
    for (let series = 0; series < this.#start.length; series++) if (this.#newest[series] <= floor) this.forget(series);
  }

  clear(): void {
    this.#start = new Float64Array(0);
    this.#since = new Float64Array(0);
    this.#newest = new Float64Array(0);
    this.#earlier.clear();
    this.#late.clear();
    this.#changes = 0;
    this.#waiting = 0;
  }

  forget(series: number): void {
    if (series >= this.#start.length) return;
    this.#start[series] = 0;
    this.#since[series] = 0;
    this.#newest[series] = 0;
    this.#changes -= this.#earlier.get(series)?.times.length ?? 0;
    this.#earlier.delete(series);
    this.#waiting -= this.#late.get(series)?.times.length ?? 0;
    this.#late.delete(series);
  }

  #reach(bound: number): void {
    this.#start = grown(this.#start, bound);
    this.#since = grown(this.#since, bound);
    this.#newest = grown(this.#newest, bound);
  }

  /** What the lists say, without the late samples that wait. */
  #merged(series: number, time: number): number {
    if (time >= this.#since[series]) return this.#start[series];
    const earlier = this.#earlier.get(series);
    if (earlier === undefined) return 0;
    const until = countUpTo(earlier.times, time);
    return until === 0 ? 0 : earlier.starts[until - 1];
  }

  #change(series: number, time: number, start: number): void {
    if (this.#start[series] !== 0 || this.#earlier.has(series)) {
      const earlier = this.#earlier.get(series) ?? { times: [], starts: [] };
      earlier.times.push(this.#since[series]);
      earlier.starts.push(this.#start[series]);
      this.#earlier.set(series, earlier);
      this.#changes++;
    }
    this.#start[series] = start;
    this.#since[series] = time;
  }

  #addLate(series: number, time: number, start: number): void {
    let late = this.#late.get(series);
    if (late === undefined) {
      if (this.#merged(series, time) === start) return;
      late = { times: [], starts: [] };
      this.#late.set(series, late);
    }
    late.times.push(time);
    late.starts.push(start);
    this.#waiting++;
    const changes = this.#earlier.get(series)?.times.length ?? 0;
    if (late.times.length >= Math.max(MERGE_AT, changes)) this.#merge(series);
  }

  /** Merges the late samples that wait into the changes: of two with the same time the one that came later holds. */
  #merge(series: number): void {
    const late = this.#late.get(series);
    if (late === undefined) return;
    this.#late.delete(series);
    this.#waiting -= late.times.length;
    const earlier = this.#earlier.get(series);
    const times = [...(earlier?.times ?? []), this.#since[series]];
    const starts = [...(earlier?.starts ?? []), this.#start[series]];
    const merged = mergeLate({ times, starts }, late);
    this.#changes += merged.times.length - times.length;
    this.#since[series] = merged.times.pop() ?? 0;
    this.#start[series] = merged.starts.pop() ?? 0;
    if (merged.times.length > 0) this.#earlier.set(series, merged);
  }
}

/** `changes` ascend; each late start holds for its millisecond, then what held before holds again. */
function mergeLate(changes: Changes, late: Changes): Changes {
  const lateStarts = new Map(late.times.map((time, i) => [time, late.starts[i]]));
  const points = Float64Array.from([...changes.times, ...late.times, ...late.times.map((time) => time + 1)]).sort();
  const times: number[] = [];
  const starts: number[] = [];
  let next = 0;
  for (const time of points) {
    while (next < changes.times.length && changes.times[next] <= time) next++;
    const start = lateStarts.get(time) ?? (next === 0 ? 0 : changes.starts[next - 1]);
    if (start === (starts.at(-1) ?? 0)) continue;
    times.push(time);
    starts.push(start);
  }
  return { times, starts };
}

/** How many of the ascending `times` are at or before `time`. */
function countUpTo(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
