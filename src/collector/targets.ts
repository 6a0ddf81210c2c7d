import { createHash } from 'node:crypto';
import { formatDuration, parseDuration } from '../lib/duration.ts';
import { Labels } from '../model/labels.ts';
import type { DroppedTarget } from '../model/target.ts';
import type { ScrapeConfig, TargetGroupConfig } from './config.ts';
import type { Relabeler } from './relabel.ts';

/** Something to scrape, worked out from its discovered labels. */
export interface ScrapeTarget {
  readonly url: string;
  readonly discoveredLabels: Labels;
  /** What stands on its series. */
  readonly labels: Labels;
  /** Milliseconds. */
  readonly interval: number;
  readonly timeout: number;
  /** Why it is not scraped and counts as down. */
  readonly refusal?: string;
}

export interface Resolved {
  readonly targets: readonly ScrapeTarget[];
  readonly dropped: readonly DroppedTarget[];
  /** Targets that cannot be used, in words. */
  readonly faults: readonly string[];
}

export interface Timing {
  readonly interval: number;
  readonly timeout: number;
}

/** Turns target groups into targets, as Prometheus does: meta labels, `relabel_configs`, then the URL from what is left. */
export function resolveTargets(
  job: ScrapeConfig,
  relabel: Relabeler,
  groups: readonly TargetGroupConfig[],
  timing: Timing,
): Resolved {
  const targets = new Map<string, ScrapeTarget>();
  const dropped: DroppedTarget[] = [];
  const faults: string[] = [];
  for (const group of groups) {
    for (const address of group.targets) {
      const discovered = discoveredLabels(job, address, group.labels, timing);
      const relabeled = relabel.apply(discovered);
      if (typeof relabeled === 'number') {
        const reason = relabel.describe(relabeled);
        dropped.push({ scrapePool: job.job_name, discoveredLabels: discovered, reason });
        continue;
      }
      const target = toTarget(job, discovered, relabeled);
      if (typeof target === 'string') faults.push(`target ${address}: ${target}`);
      else targets.set(identityOf(target), target);
    }
  }
  if (job.target_limit === 0 || targets.size <= job.target_limit)
    return { targets: [...targets.values()], dropped, faults };
  const refusal = `${targets.size} targets, target_limit is ${job.target_limit}`;
  faults.push(`${refusal}: none is scraped`);
  return { targets: Array.from(targets.values(), (target) => ({ ...target, refusal })), dropped, faults };
}

/** Two targets with the same labels and URL are one. */
export function identityOf(target: ScrapeTarget): string {
  const { url, interval, timeout, labels, refusal } = target;
  return `${url}\n${interval}\n${timeout}\n${labels.key}${refusal === undefined ? '' : `\n${refusal}`}`;
}

/** Milliseconds into the interval at which this target has its turn, from 0: by hash, so that targets and nodes spread. */
export function offsetOf(target: ScrapeTarget, hostname: string): number {
  const digest = createHash('md5')
    .update(`${hostname}\n${identityOf(target)}`)
    .digest();
  return Number(digest.readBigUInt64BE(8) % BigInt(target.interval));
}

function discoveredLabels(
  job: ScrapeConfig,
  address: string,
  labels: Readonly<Record<string, string>>,
  timing: Timing,
): Labels {
  const parameters = Object.entries(job.params).map(([name, values]) => [`__param_${name}`, values[0] ?? '']);
  return Labels.of({
    job: job.job_name,
    __scrape_interval__: formatDuration(timing.interval),
    __scrape_timeout__: formatDuration(timing.timeout),
    __metrics_path__: job.metrics_path,
    __scheme__: job.scheme,
    ...(Object.fromEntries(parameters) as Record<string, string>),
    ...labels,
    __address__: address,
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
  if (!URL.canParse(url)) return `${JSON.stringify(url)} is not a URL`;
  const own = labels.filter((name) => !name.startsWith('__'));
  return {
    url,
    discoveredLabels: discovered,
    labels: own.has('instance') ? own : own.with('instance', address),
    interval,
    timeout,
  };
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
