/** How a page is written. Prometheus text 0.0.4 and 1.0.0 are read alike: quoted names are simply understood in both. */
export type Format = 'text' | 'openmetrics';

export const SCRAPE_PROTOCOLS = [
  'PrometheusText0.0.4',
  'PrometheusText1.0.0',
  'OpenMetricsText0.0.1',
  'OpenMetricsText1.0.0',
] as const;

export type ScrapeProtocol = (typeof SCRAPE_PROTOCOLS)[number];

/** How a target writes names that are not of letters, digits, `_` and `:`, in the formats that can. */
export const ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;

export type Escaping = (typeof ESCAPINGS)[number];

const MEDIA_TYPES: Readonly<Record<ScrapeProtocol, string>> = {
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0',
};

/** The Accept header for these protocols, the most wanted first (source: Prometheus' content negotiation page). */
export function acceptHeader(protocols: readonly ScrapeProtocol[], escaping: Escaping): string {
  const wanted = protocols.map((protocol, i) => {
    const names = protocol.endsWith('1.0.0') ? `;escaping=${escaping}` : '';
    return `${MEDIA_TYPES[protocol]}${names};q=0.${protocols.length + 1 - i}`;
  });
  return [...wanted, '*/*;q=0.1'].join(',');
}

/**
 * The format that a Content-Type stands for, `fallback` where it says nothing. Words why not for a page that cannot be one:
 * HTML, JSON, protobuf and the like.
 */
export function formatOf(
  contentType: string | undefined,
  fallback?: ScrapeProtocol,
): Format | { readonly refused: string } {
  const type = (contentType ?? '').split(';')[0].trim().toLowerCase();
  if (type === 'application/openmetrics-text') return 'openmetrics';
  if (type === 'text/plain') return 'text';
  if (fallback !== undefined) return fallback.startsWith('OpenMetrics') ? 'openmetrics' : 'text';
  if (type === '' || type === 'application/octet-stream') return 'text';
  return {
    refused: `Content-Type ${JSON.stringify(type)} is not a metrics page (fallback_scrape_protocol reads it anyway)`,
  };
}
