import type { MetricMetadata } from '../model/sample.ts';

const MOST_KNOWN = 50_000;

/** The metadata that was sent, so that it is sent again only when it differs. */
export class KnownMetadata {
  readonly #known = new Map<string, MetricMetadata>();

  /** Those that are new or differ from what is known; they are known from now on. */
  takeFresh(metadata: readonly MetricMetadata[]): MetricMetadata[] {
    return metadata.filter((entry) => {
      if (isEqual(this.#known.get(entry.metric), entry)) return false;
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.set(entry.metric, entry);
      return true;
    });
  }

  /** These did not get away: they are fresh again. */
  forget(metadata: readonly MetricMetadata[]): void {
    for (const entry of metadata) if (this.#known.get(entry.metric) === entry) this.#known.delete(entry.metric);
  }

  all(): MetricMetadata[] {
    return [...this.#known.values()];
  }
}

function isEqual(a: MetricMetadata | undefined, b: MetricMetadata): boolean {
  return a !== undefined && a.type === b.type && a.unit === b.unit && a.help === b.help;
}
