import { grown } from '../series/registry.ts';

interface Changes {
  readonly times: number[];
  readonly starts: number[];
}

/**
 * When the counters behind the samples in memory began, by series number: only where that changes, which is seldom.
 *
 *   #start, #since   what holds now, and from which sample on; 0 where it is not known
 *   #newest          time of the newest sample told of
 *   #earlier         number → what held before, oldest first: `starts[k]` from `times[k]` on
 *
 * A late sample of another start holds for its millisecond alone, for times are whole milliseconds.
 * Price: 24 bytes a series once there is any start, 16 bytes a change.
 */
export class StartTimes {
  #start = new Float64Array(0);
  #since = new Float64Array(0);
  #newest = new Float64Array(0);
  readonly #earlier = new Map<number, Changes>();
  #changes = 0;

  /** About what they take. */
  get bytes(): number {
    return this.#start.length * 24 + this.#earlier.size * 200 + this.#changes * 16;
  }

  /** The counter behind the sample began at `start`, 0 where that is unknown. To be told of every sample of a series. */
  add(series: number, time: number, start: number): void {
    if (series >= this.#start.length) {
      if (start === 0) return;
      this.#reach(series + 1);
    }
    const late = time <= this.#newest[series];
    if (!late) this.#newest[series] = time;
    if (!late && start !== this.#start[series]) this.#change(series, time, start);
    else if (late && start !== this.#at(series, time)) this.#insert(series, time, start);
  }

  /** By sample, 0 where unknown; undefined where nothing is known of the series. `times` ascend. */
  at(series: number, times: Float64Array): Float64Array | undefined {
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

  /** Lets go of what holds for no sample past `floor`. */
  drop(floor: number): void {
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
    this.#changes = 0;
  }

  forget(series: number): void {
    if (series >= this.#start.length) return;
    this.#start[series] = 0;
    this.#since[series] = 0;
    this.#newest[series] = 0;
    this.#changes -= this.#earlier.get(series)?.times.length ?? 0;
    this.#earlier.delete(series);
  }

  #reach(bound: number): void {
    this.#start = grown(this.#start, bound);
    this.#since = grown(this.#since, bound);
    this.#newest = grown(this.#newest, bound);
  }

  #at(series: number, time: number): number {
    return this.at(series, Float64Array.of(time))?.[0] ?? 0;
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

  /** Puts another start at one time among what is known. */
  #insert(series: number, time: number, start: number): void {
    const before = this.#at(series, time);
    const { times, starts } = this.#earlier.get(series) ?? { times: [], starts: [] };
    const held = { times: [...times, this.#since[series]], starts: [...starts, this.#start[series]] };
    const at = held.times.filter((other) => other < time).length;
    const replaced = held.times[at] === time ? 1 : 0;
    const restored = held.times[at + replaced] === time + 1 ? [] : [time + 1];
    held.times.splice(at, replaced, time, ...restored);
    held.starts.splice(at, replaced, start, ...restored.map(() => before));
    this.#changes += held.times.length - 1 - times.length;
    this.#since[series] = held.times.pop() ?? 0;
    this.#start[series] = held.starts.pop() ?? 0;
    this.#earlier.set(series, held);
  }
}
