import type { FloatHistogram } from '../../model/sample.ts';
import type { LoadCommand, LoadedSeries } from './script.ts';
import type { MemoryStore } from './memory-store.ts';
import { detectReset, withHint } from '../histogram/index.ts';
import { convertToNhcb } from './nhcb.ts';

/** Puts what a `load` command describes into the store; its first values stand at time 0. */
export function load(command: LoadCommand, store: MemoryStore): void {
  for (const series of command.series) loadSeries(series, command.step, store);
  if (!command.withNhcb) return;
  for (const { labels, samples } of convertToNhcb(command)) {
    const hints = new StoredHints();
    for (const { time, histogram } of samples) store.append(labels, time, hints.next(histogram));
  }
}

function loadSeries({ labels, values, startOffsets }: LoadedSeries, step: number, store: MemoryStore): void {
  const hints = new StoredHints();
  values.forEach((value, i) => {
    const offset = startOffsets?.[i];
    const start = offset === undefined ? 0 : i * step + offset;
    if (value.kind === 'float') {
      hints.interrupt();
      store.append(labels, i * step, value.value, start);
    } else if (value.kind === 'stale') {
      hints.interrupt();
      store.append(labels, i * step, 'stale', start);
    } else if (value.kind === 'histogram') {
      store.append(labels, i * step, hints.next(value.histogram), start);
    }
  });
}

/**
 * Prometheus' store forgets the hints that it is given, but for `gauge`. What it gives back is `not_reset` where a histogram
 * went on in the chunk of the one before, and `unknown` for the first of a chunk; scripts count on that.
 */
class StoredHints {
  #last: FloatHistogram | undefined;

  interrupt(): void {
    this.#last = undefined;
  }

  next(histogram: FloatHistogram): FloatHistogram {
    const last = this.#last;
    this.#last = histogram;
    if (histogram.counterReset === 'gauge') return histogram;
    return withHint(histogram, last !== undefined && goesOn(histogram, last) ? 'not_reset' : 'unknown');
  }
}

function goesOn(histogram: FloatHistogram, last: FloatHistogram): boolean {
  return (
    last.counterReset !== 'gauge' &&
    histogram.counterReset !== 'reset' &&
    histogram.schema === last.schema &&
    histogram.zeroThreshold === last.zeroThreshold &&
    histogram.customValues.join() === last.customValues.join() &&
    !detectReset(withHint(histogram, 'unknown'), last)
  );
}
