import { ingestRefused } from '../metrics.ts';

/** Different complaints that are kept. */
const WORDS_KEPT = 10;

export type Reason = 'invalid_labels' | 'invalid_histogram' | 'no_samples' | 'label_limit';

/** What of a request cannot be stored, before the store is asked: counted by reason, the first few with their words. */
export class Refusals {
  readonly refused: Record<string, number> = {};
  readonly words: string[] = [];

  /** @param samples that are lost; a series without any counts as one. */
  add(reason: Reason, samples: number, words: string): void {
    const count = Math.max(1, samples);
    this.refused[reason] = (this.refused[reason] ?? 0) + count;
    ingestRefused.inc({ route: 'remote_write', reason }, count);
    if (this.words.length < WORDS_KEPT) this.words.push(words);
  }
}
