import type { Labels } from '../model/labels.ts';
import type { SampleBatch, Series, SeriesLayout } from '../model/sample.ts';
import { grown } from './byte-interner.ts';
import { hashLabels, sameLabels } from './series-builder.ts';

/** What a page that was read to its end did to the slots. */
export interface Settled {
  /** Series of the scrape before that this one lacks, to be marked stale; those with timestamps of their own left out. */
  readonly vanished: readonly Series[];
  readonly added: number;
  /** Old slot → new slot, -1 = gone. Absent where every slot stayed. */
  readonly moved?: Int32Array;
}

/**
 * The series of one target by slot, with the columns that a scrape fills.
 *
 *     slot        0 … emitted-1        emitted … count-1     count …
 *     holds       series of the last   new in this scrape    the series about the scrape itself (`up`, …),
 *                 scrape                                     set by `settle`
 *
 * Invariant: between scrapes `layout.series[slot]` is the series of each slot, and `layout` is a new object exactly when
 * that list changed. Rows close up only in `settle`, so a scrape that fails half way just forgets the new ones.
 */
export class TargetSeries {
  values = new Float64Array(64);
  timestamps = new Float64Array(64);
  /** Number of the last scrape in which the slot's series stood on the page. */
  seen = new Uint32Array(64);
  /** 1 where the page gave that sample a timestamp. */
  explicit = new Uint8Array(64);
  count = 0;
  layout: SeriesLayout;
  readonly #report: readonly Series[];
  readonly #trackExplicit: boolean;
  #series: Series[] = [];
  /** Hash of the labels by slot; `#byLabels` has the slot there, or at the next free number. */
  #hashes: number[] = [];
  #emitted = 0;
  #byLabels = new Map<number, number>();
  #down = false;
  #batch: SampleBatch | undefined;

  /** `report` end every layout. `trackExplicit`: series with timestamps of their own go stale as well. */
  constructor(report: readonly Series[], trackExplicit: boolean) {
    this.#report = report;
    this.#trackExplicit = trackExplicit;
    this.layout = { series: [...report] };
  }

  /** The slot of the series with these labels, a new one where there is none. */
  indexOf(labels: Labels): number {
    const hash = hashLabels(labels);
    let place = hash;
    for (; ; place++) {
      const slot = this.#byLabels.get(place);
      if (slot === undefined) break;
      if (sameLabels(this.#series[slot].labels, labels)) return slot;
    }
    const slot = this.count++;
    this.#byLabels.set(place, slot);
    this.#series[slot] = { labels };
    this.#hashes[slot] = hash;
    this.#makeRoom(this.count + this.#report.length);
    this.seen[slot] = 0;
    this.explicit[slot] = 0;
    return slot;
  }

  seriesAt(slot: number): Series {
    return this.#series[slot];
  }

  /** Ends a good scrape, `scrape` being its number: forgets series it did not see and renews the layout where it must. */
  settle(scrape: number): Settled {
    const added = this.count - this.#emitted;
    const vanished: Series[] = [];
    let moved: Int32Array | undefined;
    if (this.#lacksAny(scrape)) moved = this.#closeUp(scrape, vanished);
    if (added > 0 || moved !== undefined) this.#renewLayout();
    this.#down = false;
    return { vanished, added, moved };
  }

  /** Ends a failed scrape: all series of the last good one go stale, once; their slots wait for the target to come back. */
  abandon(): { readonly vanished: readonly Series[]; readonly moved?: Int32Array } {
    const moved = this.count > this.#emitted ? this.#dropNew() : undefined;
    const vanished = this.#down ? [] : this.tracked();
    this.#down = true;
    return { vanished, moved };
  }

  /** The series that go stale with the target. */
  tracked(): Series[] {
    return this.#series.slice(0, this.#emitted).filter((_, slot) => this.#isTracked(slot));
  }

  get isDown(): boolean {
    return this.#down;
  }

  /** The columns with the values of the report series behind them. The same object as long as the layout is. */
  batch(time: number, report: readonly number[]): SampleBatch {
    const size = this.count + report.length;
    if (this.#batch?.layout !== this.layout || this.#batch.values.buffer !== this.values.buffer)
      this.#batch = {
        layout: this.layout,
        values: this.values.subarray(0, size),
        timestamps: this.timestamps.subarray(0, size),
      };
    this.values.set(report, this.count);
    this.timestamps.fill(time, this.count, size);
    return this.#batch;
  }

  #isTracked(slot: number): boolean {
    return this.#trackExplicit || this.explicit[slot] === 0;
  }

  #lacksAny(scrape: number): boolean {
    for (let slot = 0; slot < this.count; slot++) if (this.seen[slot] !== scrape) return true;
    return false;
  }

  #closeUp(scrape: number, vanished: Series[]): Int32Array {
    const moved = new Int32Array(this.count).fill(-1);
    let next = 0;
    for (let slot = 0; slot < this.count; slot++) {
      if (this.seen[slot] !== scrape) {
        if (!this.#down && slot < this.#emitted && this.#isTracked(slot)) vanished.push(this.#series[slot]);
        continue;
      }
      moved[slot] = next;
      this.#series[next] = this.#series[slot];
      this.#hashes[next] = this.#hashes[slot];
      this.values[next] = this.values[slot];
      this.timestamps[next] = this.timestamps[slot];
      this.seen[next] = scrape;
      this.explicit[next] = this.explicit[slot];
      next++;
    }
    this.#truncate(next);
    return moved;
  }

  #dropNew(): Int32Array {
    const moved = Int32Array.from({ length: this.count }, (_, slot) => (slot < this.#emitted ? slot : -1));
    this.#truncate(this.#emitted);
    return moved;
  }

  #truncate(count: number): void {
    this.count = count;
    this.#series.length = count;
    this.#hashes.length = count;
    this.#byLabels = new Map();
    for (let slot = 0; slot < count; slot++) {
      let place = this.#hashes[slot];
      while (this.#byLabels.has(place)) place++;
      this.#byLabels.set(place, slot);
    }
  }

  #renewLayout(): void {
    this.#emitted = this.count;
    this.layout = { series: [...this.#series, ...this.#report] };
  }

  #makeRoom(needed: number): void {
    if (needed <= this.values.length) return;
    const capacity = Math.ceil(needed * 1.5);
    this.values = grown(this.values, new Float64Array(capacity));
    this.timestamps = grown(this.timestamps, new Float64Array(capacity));
    this.seen = grown(this.seen, new Uint32Array(capacity));
    this.explicit = grown(this.explicit, new Uint8Array(capacity));
  }
}
