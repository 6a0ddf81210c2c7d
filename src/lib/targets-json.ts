import { formatDuration } from './time/duration.ts';

interface Scraped {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly discoveredLabels: unknown;
  readonly labels: unknown;
  readonly health: string;
  readonly lastError: string;
  /** Milliseconds since the epoch, 0 before the first scrape. */
  readonly lastScrape: number;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  /** Milliseconds. */
  readonly scrapeInterval: number;
  readonly scrapeTimeout: number;
  readonly leftOut?: unknown;
}

interface Dropped {
  readonly scrapePool: string;
  readonly discoveredLabels: unknown;
  readonly reason: string;
}

/** The data of Prometheus' `/api/v1/targets`, by its parameters `state` and `scrapePool`; `reason` and `leftOut` are added. */
export function targetsJson(active: readonly Scraped[], dropped: readonly Dropped[], params: URLSearchParams) {
  const state = (params.get('state') ?? '').toLowerCase();
  const pool = params.get('scrapePool') ?? '';
  const inPool = ({ scrapePool }: { readonly scrapePool: string }) => pool === '' || scrapePool === pool;
  const showActive = ['', 'any', 'active'].includes(state);
  const showDropped = ['', 'any', 'dropped'].includes(state);
  const [activeIn, droppedIn] = [active.filter(inPool), dropped.filter(inPool)];
  return {
    activeTargets: showActive ? activeIn.map(targetJson) : [],
    droppedTargets: showDropped
      ? droppedIn.map(({ scrapePool, discoveredLabels, reason }) => ({ discoveredLabels, scrapePool, reason }))
      : [],
    droppedTargetCounts: showDropped ? droppedByPool(activeIn, droppedIn) : null,
  };
}

function targetJson(target: Scraped) {
  const { discoveredLabels, labels, scrapePool, scrapeUrl, lastError, lastScrape, lastScrapeDuration, health } = target;
  return {
    discoveredLabels,
    labels,
    scrapePool,
    scrapeUrl,
    globalUrl: scrapeUrl,
    lastError,
    // Go's zero time before the first scrape.
    lastScrape: lastScrape === 0 ? '0001-01-01T00:00:00Z' : new Date(lastScrape).toISOString(),
    lastScrapeDuration,
    health,
    scrapeInterval: formatDuration(target.scrapeInterval),
    scrapeTimeout: formatDuration(target.scrapeTimeout),
    ...(target.leftOut === undefined ? {} : { leftOut: target.leftOut }),
  };
}

/** How many targets each pool dropped; pools that dropped none have 0. */
export function droppedByPool(
  active: readonly Pick<Scraped, 'scrapePool'>[],
  dropped: readonly Pick<Dropped, 'scrapePool'>[],
): Record<string, number> {
  const byPool = new Map<string, number>(active.map(({ scrapePool }) => [scrapePool, 0]));
  for (const { scrapePool } of dropped) byPool.set(scrapePool, (byPool.get(scrapePool) ?? 0) + 1);
  return Object.fromEntries([...byPool].sort(([a], [b]) => (a < b ? -1 : 1)));
}
