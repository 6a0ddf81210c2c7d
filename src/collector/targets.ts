import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { formatDuration, parseDuration } from '../lib/time/duration.ts';
import { Labels } from '../model/labels.ts';
import type { DroppedTarget } from '../model/target.ts';
import type { ScrapeConfig } from './config.ts';
import type { Relabeler } from '../relabel/relabel.ts';

/** Something to scrape, worked out from its discovered labels. */
export interface ScrapeTarget {
  readonly url: string;
  readonly discoveredLabels: Labels;
  /** What stands on its series. */
  readonly labels: Labels;
  /** Milliseconds. */
  readonly interval: number;
  readonly timeout: number;
}

/** What becomes of a discovered target. */
export type Resolved =
  | { readonly target: ScrapeTarget; readonly identity: string }
  | { readonly dropped: DroppedTarget; /** Not by relabeling: it cannot be scraped. */ readonly isFault: boolean };

export interface Timing {
  readonly interval: number;
  readonly timeout: number;
}

/** Turns a discovered target into one to scrape, as Prometheus does: meta labels, `relabel_configs`, then the URL of what is left. */
export function resolveTarget(
  job: ScrapeConfig,
  relabel: Relabeler,
  found: Readonly<Record<string, string>>,
  timing: Timing,
): Resolved {
  const discovered = discoveredLabels(job, found, timing);
  const drop = (reason: string, isFault: boolean): Resolved => ({
    dropped: { scrapePool: job.job_name, discoveredLabels: discovered, reason },
    isFault,
  });
  const relabeled = relabel.apply(discovered);
  if (typeof relabeled === 'number') return drop(relabel.describe(relabeled), false);
  const target = toTarget(job, discovered, relabeled);
  return typeof target === 'string' ? drop(target, true) : { target, identity: identityOf(target) };
}

/** Two targets with the same labels and URL are one. */
export function identityOf(target: ScrapeTarget): string {
  const { url, interval, timeout, labels } = target;
  return `${url}\n${interval}\n${timeout}\n${labels.key}`;
}

/** Milliseconds into the interval at which this target has its turn, from 0: by hash, so that targets and nodes spread. */
export function offsetOf(target: ScrapeTarget, hostname: string): number {
  const digest = createHash('md5')
    .update(`${hostname}\n${identityOf(target)}`)
    .digest();
  return Number(digest.readBigUInt64BE(8) % BigInt(target.interval));
}

function discoveredLabels(job: ScrapeConfig, found: Readonly<Record<string, string>>, timing: Timing): Labels {
  const parameters = Object.entries(job.params).map(([name, values]) => [`__param_${name}`, values[0] ?? '']);
  return Labels.of({
    job: job.job_name,
    __scrape_interval__: formatDuration(timing.interval),
    __scrape_timeout__: formatDuration(timing.timeout),
    __metrics_path__: job.metrics_path,
    __scheme__: job.scheme,
    ...(Object.fromEntries(parameters) as Record<string, string>),
    ...found,
  });
}

function toTarget(job: ScrapeConfig, discovered: Labels, labels: Labels): ScrapeTarget | string {
  const address = labels.get('__address__');
  if (address === '') return 'no __address__';
  if (address.includes('/')) return `${JSON.stringify(address)} is not host:port`;
  const interval = parseDuration(labels.get('__scrape_interval__'));
  const timeout = parseDuration(labels.get('__scrape_timeout__'));
  if (!interval) return '__scrape_interval__ is not a duration above 0';
  if (!timeout || timeout > interval) return '__scrape_timeout__ is not a duration between 0 and the interval';
  const url = urlOf(job, labels, address);
  if (!URL.canParse(url)) return whyNoUrl(address, url);
  const own = labels.filter((name) => !name.startsWith('__'));
  return {
    url,
    discoveredLabels: discovered,
    labels: own.has('instance') ? own : own.with('instance', address),
    interval,
    timeout,
  };
}

function whyNoUrl(address: string, url: string): string {
  if (isIPv6(address))
    return `${address} is an IPv6 address, which stands in brackets before a port: [${address}]:PORT`;
  const port = /:(\d+)$/.exec(address)?.[1];
  if (Number(port) > 65_535) return `${address}: port ${port} is above 65535`;
  return `${JSON.stringify(url)} is not a URL`;
}

function urlOf(job: ScrapeConfig, labels: Labels, address: string): string {
  const parameters = new URLSearchParams();
  for (const [name, values] of Object.entries(job.params)) {
    values.slice(1).forEach((value) => parameters.append(name, value));
  }
  const first = [...labels.entries()].filter(([name]) => name.startsWith('__param_'));
  const query = new URLSearchParams([
    ...first.map(([name, value]) => [name.slice('__param_'.length), value]),
    ...parameters,
  ]).toString();
  const path = labels.get('__metrics_path__') || '/metrics';
  const [bare, given = ''] = path.split('?');
  const all = [given, query].filter((part) => part !== '').join('&');
  return `${labels.get('__scheme__') || 'http'}://${address}${bare.startsWith('/') ? '' : '/'}${bare}${all === '' ? '' : `?${all}`}`;
}
