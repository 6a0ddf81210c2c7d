import type { MetricsWriter } from '../shipping.ts';

/** Seconds over which the rate is measured. */
const WINDOW = 60;

/** Counts the samples that others write into this process. */
export class Received {
  /** Samples taken since the start. */
  total = 0;
  /** Milliseconds; 0 before the first. */
  lastWrite = 0;
  readonly #startedAt: number;
  readonly #now: () => number;
  /** Samples of each of the last seconds, by the second modulo `WINDOW`, and which second that is. */
  readonly #counts = new Float64Array(WINDOW);
  readonly #seconds = new Float64Array(WINDOW);

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#startedAt = now();
  }

  /** The same writer, with what it accepts counted. */
  counting({ write, writeMetadata }: MetricsWriter): MetricsWriter {
    return {
      writeMetadata,
      write: async (batch) => {
        const outcome = await write(batch);
        this.#add(outcome.accepted);
        return outcome;
      },
    };
  }

  /** Over the last minute, or since the start where that is shorter. */
  get samplesPerSecond(): number {
    const now = this.#now();
    const oldest = Math.floor(now / 1000) - WINDOW;
    const sum = this.#counts.reduce((all, count, i) => (this.#seconds[i] > oldest ? all + count : all), 0);
    return sum / Math.min(WINDOW, Math.max(1, (now - this.#startedAt) / 1000));
  }

  #add(samples: number): void {
    if (samples === 0) return;
    const now = this.#now();
    const second = Math.floor(now / 1000);
    const i = second % WINDOW;
    if (this.#seconds[i] !== second) this.#counts[i] = 0;
    this.#seconds[i] = second;
    this.#counts[i] += samples;
    this.total += samples;
    this.lastWrite = now;
  }
}
