import { METRIC_TYPES, type MetricMetadata, type MetricType } from '../../model/sample.ts';
import { unescape } from './series-text.ts';

const LINE = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+(?:"((?:[^"\\]|\\.)*)"|(\S+))(?:[ \t]+(.*))?$/;

const TYPES: ReadonlySet<string> = new Set(METRIC_TYPES);

/** A comment longer than this is not read. */
export const MAX_COMMENT_BYTES = 64 * 1024;

/** What is remembered of one target: pages that have other families at each scrape, or huge texts, must not fill the memory. */
const MAX_FAMILIES = 20_000;
const MAX_CHARACTERS = 8 * 1024 * 1024;

/** Whether a comment says something about a metric. */
export function isMetadata(comment: string): boolean {
  return /^#[ \t]+(?:HELP|TYPE|UNIT)[ \t]/.test(comment);
}

/** What pages have said about their metrics, by family name as the page writes it. */
export class MetadataTable {
  readonly #byMetric = new Map<string, MetricMetadata>();
  #changed = new Set<string>();
  #characters = 0;

  /** Takes in a comment line; one that is not HELP, TYPE or UNIT says nothing. */
  readComment(line: string): void {
    const match = LINE.exec(line);
    if (match === null) return;
    const [, keyword, quoted, bare, text = ''] = match;
    const metric = quoted === undefined ? bare : unescape(quoted);
    const old = this.#byMetric.get(metric) ?? { metric, type: 'unknown', unit: '', help: '' };
    const next = { ...old, ...factOf(keyword, text) };
    if (this.#byMetric.has(metric) && next.type === old.type && next.unit === old.unit && next.help === old.help)
      return;
    this.#forget(metric);
    this.#byMetric.set(metric, next);
    this.#changed.add(metric);
    this.#characters += charactersOf(next);
    while (this.#byMetric.size > MAX_FAMILIES || this.#characters > MAX_CHARACTERS) this.#forget(this.#oldest());
  }

  all(): MetricMetadata[] {
    return [...this.#byMetric.values()];
  }

  #oldest(): string {
    const [oldest] = this.#byMetric.keys();
    return oldest;
  }

  #forget(metric: string): void {
    const known = this.#byMetric.get(metric);
    if (known === undefined) return;
    this.#characters -= charactersOf(known);
    this.#byMetric.delete(metric);
    this.#changed.delete(metric);
  }

  /** What is new since the last call. */
  takeChanged(): MetricMetadata[] {
    if (this.#changed.size === 0) return [];
    const metrics = [...this.#changed];
    this.#changed = new Set();
    return metrics.flatMap((metric) => this.#byMetric.get(metric) ?? []);
  }
}

function charactersOf({ metric, help, unit }: MetricMetadata): number {
  return metric.length + help.length + unit.length;
}

function factOf(keyword: string, text: string): Partial<MetricMetadata> {
  if (keyword === 'HELP') return { help: unescape(text) };
  if (keyword === 'UNIT') return { unit: text.trim() };
  const type = text.trim();
  return { type: TYPES.has(type) ? (type as MetricType) : 'unknown' };
}
