import type { Labels } from '../../model/labels.ts';
import type { NewestSamples, SelectRequest } from '../../model/query.ts';
import { isStale } from '../../model/sample.ts';
import { ColumnBuilder } from '../memory/column-builder.ts';
import { StoreError } from '../errors.ts';
import { selects } from '../metrics.ts';
import type { SelectParts } from './select.ts';
import type { Work } from '../write-queue.ts';

type Parts = Pick<SelectParts, 'registry' | 'window' | 'queue'>;

interface Answer {
  readonly numbers: readonly number[];
  readonly labels: readonly Labels[];
}

/**
 * Instant vectors out of memory: two columns for all series, where a select makes two for each.
 *
 * The registry hands out the same list as long as matchers find the same. By it is kept which of its series had a sample
 * last, with their labels: mostly all have again, and nobody looks at a label.
 */
export class NewestSelect {
  readonly #parts: Parts;
  readonly #answers = new WeakMap<readonly number[], Answer>();
  readonly #builder = new ColumnBuilder();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Undefined where the disk must be asked, or where there are histograms. Reads between two batches, as `select`. */
  async select(request: SelectRequest, signal?: AbortSignal): Promise<NewestSamples | undefined> {
    await this.#parts.registry.prepare(request.matchers, signal);
    return this.#parts.queue.run(this.#read(request, signal));
  }

  *#read(request: SelectRequest, signal?: AbortSignal): Work<NewestSamples | undefined> {
    const { registry, window } = this.#parts;
    signal?.throwIfAborted();
    const { matchers, start, end, hints } = request;
    const { floor } = window;
    if (start <= floor) return undefined;
    const found = registry.match(matchers);
    const builder = this.#builder;
    const timestamps = new Float64Array(found.length);
    const values = new Float64Array(found.length);
    const numbers: number[] = [];
    for (const [i, number] of found.entries()) {
      if (i > 0 && i % 4096 === 0) {
        yield;
        signal?.throwIfAborted();
        // What memory gave up meanwhile is on disk.
        if (window.floor !== floor) return undefined;
      }
      const count = window.readNewest(number, start, end, builder);
      if (count === 0) continue;
      if (window.hasHistograms(number)) return undefined;
      const last = builder.at + count - 1;
      if (isStale(builder.words, last)) continue;
      timestamps[numbers.length] = builder.times[last];
      values[numbers.length] = builder.values[last];
      numbers.push(number);
    }
    if (numbers.length > (hints?.maxSamples ?? Infinity)) {
      throw new StoreError('too_many_samples', 'query would load more samples than it may');
    }
    selects.inc({ from: 'memory' });
    const { length } = numbers;
    return {
      labels: this.#labelsOf(found, numbers),
      timestamps: timestamps.subarray(0, length),
      values: values.subarray(0, length),
    };
  }

  #labelsOf(found: readonly number[], numbers: readonly number[]): readonly Labels[] {
    const known = this.#answers.get(found);
    if (known !== undefined && sameNumbers(known.numbers, numbers)) return known.labels;
    const labels = numbers.map((number) => this.#parts.registry.labelsOf(number));
    this.#answers.set(found, { numbers: numbers.length === found.length ? found : numbers, labels });
    return labels;
  }
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
