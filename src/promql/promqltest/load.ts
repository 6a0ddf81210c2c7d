import type { FloatHistogram } from '../../model/sample.ts';
import type { LoadCommand, LoadedSeries } from './script.ts';
import type { MemoryStore, MemoryValue } from './memory-store.ts';
import type { SequenceValue } from './series-notation.ts';
import { detectReset, withHint } from '../histogram/index.ts';
import { convertToNhcb } from './nhcb.ts';

/** Puts what a `load` command describes into the store; its first values stand at time 0. */
export function load(command: LoadCommand, store: MemoryStore): void {
  // Of a series that one command describes twice, the later description counts.
  const series = new Map(command.series.map((each) => [each.labels.key, each]));
  for (const each of series.values()) loadSeries(each, command.step, store);
  if (!command.withNhcb) return;
  for (const { labels, samples } of convertToNhcb([...series.values()], command.step)) {
    const hints = new StoredHints();
    for (const { time, histogram } of samples) store.append(labels, time, hints.next(histogram));
  }
}

function loadSeries({ labels, values, startOffsets }: LoadedSeries, step: number, store: MemoryStore): void {
  const hints = new StoredHints();
  values.forEach((value, i) => {
    const offset = startOffsets?.[i];
    const start = offset === undefined ? 0 : i * step + offset;
    if (value.kind !== 'omitted') store.append(labels, i * step, hints.next(valueOf(value)), start);
  });
}

function valueOf(value: Exclude<SequenceValue, { kind: 'omitted' }>): MemoryValue {
  if (value.kind === 'stale') return 'stale';
  return value.kind === 'float' ? value.value : value.histogram;
}

/**
 * Prometheus' store forgets the hints that it is given, but for `gauge`. What it gives back is `not_reset` where a histogram
 * went on in the chunk of the one before, and `unknown` for the first of a chunk; scripts count on that.
 */
export class StoredHints {
  #last: FloatHistogram | undefined;

  /** The sample behind the ones before as the store would give it back. */
  next(value: MemoryValue): MemoryValue {
    const last = this.#last;
    this.#last = typeof value === 'object' ? value : undefined;
    if (typeof value !== 'object' || value.counterReset === 'gauge') return value;
    return withHint(value, last !== undefined && goesOn(value, last) ? 'not_reset' : 'unknown');
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
