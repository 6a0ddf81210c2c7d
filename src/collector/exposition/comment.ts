import { METRIC_TYPES, type MetricMetadata, type MetricType } from '../../model/sample.ts';
import { unescape } from './series-text.ts';

const LINE = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+(?:"((?:[^"\\]|\\.)*)"|(\S+))(?:[ \t]+(.*))?$/;

const TYPES: ReadonlySet<string> = new Set(METRIC_TYPES);

/** Families of one target that are remembered; a page that has others at each scrape must not fill the memory. */
const MOST_FAMILIES = 20_000;

/** What pages have said about their metrics, by family name as the page writes it. */
export class MetadataTable {
  readonly #byMetric = new Map<string, MetricMetadata>();
  #changed = new Set<string>();

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
    if (this.#byMetric.size >= MOST_FAMILIES && !this.#byMetric.has(metric)) this.#forgetOldest();
    this.#byMetric.set(metric, next);
    this.#changed.add(metric);
  }

  all(): MetricMetadata[] {
    return [...this.#byMetric.values()];
  }

  #forgetOldest(): void {
    const [oldest] = this.#byMetric.keys();
    this.#byMetric.delete(oldest);
    this.#changed.delete(oldest);
  }

  /** What is new since the last call. */
  takeChanged(): MetricMetadata[] {
    if (this.#changed.size === 0) return [];
    const metrics = [...this.#changed];
    this.#changed = new Set();
    return metrics.flatMap((metric) => this.#byMetric.get(metric) ?? []);
  }
}

function factOf(keyword: string, text: string): Partial<MetricMetadata> {
  if (keyword === 'HELP') return { help: unescape(text) };
  if (keyword === 'UNIT') return { unit: text.trim() };
  const type = text.trim();
  return { type: TYPES.has(type) ? (type as MetricType) : 'unknown' };
}
