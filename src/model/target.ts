import type { Labels } from './labels.ts';

/** Something that is scraped, as `/api/v1/targets` shows it. */
export interface TargetStatus {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  /** Before relabeling, `__address__` and the rest. */
  readonly discoveredLabels: Labels;
  readonly labels: Labels;
  readonly health: 'unknown' | 'up' | 'down';
  readonly lastError: string;
  /** Milliseconds since the epoch, 0 before the first scrape. */
  readonly lastScrape: number;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  /** Milliseconds. */
  readonly scrapeInterval: number;
  readonly scrapeTimeout: number;
  /** Lines of the last page that were left out: broken, repeated, too long. Absent where every line was read. */
  readonly leftOut?: LeftOutLines;
}

export interface LeftOutLines {
  readonly lines: number;
  /** How many by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The first of them, shortened: `line 12: syntax: "b{ 2"`. */
  readonly first: string;
}

export interface DroppedTarget {
  readonly scrapePool: string;
  readonly discoveredLabels: Labels;
  /** Which relabel step dropped it, or why it cannot be scraped. */
  readonly reason: string;
}
