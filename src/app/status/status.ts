import type { Alerting } from '../../alerting/index.ts';
import type { Collector } from '../../collector/index.ts';
import { formatDuration } from '../../lib/time/duration.ts';
import { version } from '../../lib/package-root.ts';
import type { Logs } from '../../logs/index.ts';
import { shownIntegration } from '../../model/alert.ts';
import type { PipelineHealth, SystemStatus } from '../../model/status.ts';
import { identityOf } from '../collecting.ts';
import type { Config } from '../config.ts';
import type { Received } from './received.ts';

export type PipelineName = 'metrics' | 'logs' | 'rules' | 'notifications';

/** What a process may have, and reports on. */
export interface StatusSources {
  /** The pipelines that this kind of process can have; the others are not reported. */
  readonly pipelines: readonly PipelineName[];
  /** The configuration that runs. */
  readonly config: () => Config;
  readonly startedAt: number;
  readonly collector?: Collector;
  /** What others write, where they are the source of metrics. */
  readonly received?: Received;
  readonly logs?: Logs;
  /** Asked anew each time: alerting starts when the address that its links name is known. */
  readonly alerting?: () => Alerting | undefined;
}

const HEALTH: Readonly<Record<PipelineName, (sources: StatusSources) => PipelineHealth>> = {
  metrics: metricsHealth,
  logs: logsHealth,
  rules: rulesHealth,
  notifications: notificationsHealth,
};

/** What one process reports of itself: one line a pipeline. */
export function createStatus(sources: StatusSources): () => SystemStatus {
  return () => ({
    version,
    startedAt: sources.startedAt,
    identity: identityOf(sources.config()),
    pipelines: sources.pipelines.map((name) => HEALTH[name](sources)),
  });
}

function metricsHealth({ collector, received, config }: StatusSources): PipelineHealth {
  if (received !== undefined) return receivedHealth(received);
  if (collector === undefined) return off('metrics', 'not collected: ship.metrics names no place');
  const { series, samplesPerSecond, targets, down, lastScrape } = collector.status();
  const failing = collector.targets().find(({ health }) => health === 'down');
  return {
    name: 'metrics',
    state: down === 0 ? 'ok' : down < targets ? 'degraded' : 'failed',
    summary: `${series} series every ${formatDuration(config().collect.scrape_interval)} from ${targets} targets, ${Math.round(samplesPerSecond)} samples/s`,
    detail:
      failing === undefined ? '' : `${down} of ${targets} targets down; ${failing.scrapeUrl}: ${failing.lastError}`,
    ...(lastScrape === 0 ? {} : { lag: Math.max(0, (Date.now() - lastScrape) / 1000) }),
    lost: {},
  };
}

function receivedHealth({ total, samplesPerSecond, lastWrite }: Received): PipelineHealth {
  return {
    name: 'metrics',
    state: 'ok',
    summary: `${total} samples received since the start, ${Math.round(samplesPerSecond)} samples/s`,
    detail: total === 0 ? 'nothing was written yet: agents write to /api/v1/write' : '',
    ...(lastWrite === 0 ? {} : { lag: Math.max(0, (Date.now() - lastWrite) / 1000) }),
    lost: {},
  };
}

function logsHealth({ logs }: StatusSources): PipelineHealth {
  const status = logs?.status();
  if (logs === undefined || status === undefined) return off('logs', 'not followed: ship.logs names no place');
  const { files, skipped, linesPerSecond, lagSeconds } = status;
  const left = logs.files().find(({ state }) => state === 'skipped');
  return {
    name: 'logs',
    state: files === 0 || lagSeconds > 60 ? 'degraded' : 'ok',
    summary: `${files} files, ${Math.round(linesPerSecond)} lines/s`,
    detail: left === undefined ? '' : `${skipped} skipped; ${left.path}: ${left.reason}`,
    lag: lagSeconds,
    lost: {},
  };
}

function rulesHealth(sources: StatusSources): PipelineHealth {
  const alerting = sources.alerting?.();
  if (alerting === undefined) return off('rules', 'not evaluated by this process');
  const rules = alerting.groups().flatMap((group) => group.rules);
  const failing = rules.find(({ health }) => health === 'err');
  const firing = rules.flatMap(({ alerts }) => alerts).filter(({ state }) => state === 'firing').length;
  return {
    name: 'rules',
    state: failing === undefined ? 'ok' : 'degraded',
    summary: `${rules.length} rules, ${firing} firing`,
    detail: failing === undefined ? '' : failing.lastError,
    lost: {},
  };
}

function notificationsHealth(sources: StatusSources): PipelineHealth {
  const alerting = sources.alerting?.();
  if (alerting === undefined) return off('notifications', 'not sent by this process');
  const deliveries = alerting.deliveries();
  const waiting = deliveries.filter(({ state }) => state === 'waiting');
  const failed = deliveries.filter(({ state }) => state === 'failed');
  const sent = deliveries.filter(({ state }) => state === 'sent');
  const trouble = [...waiting, ...failed].find(({ lastError }) => lastError !== '');
  return {
    name: 'notifications',
    state: trouble === undefined ? 'ok' : 'degraded',
    summary: `${sent.length} sent, ${waiting.length} waiting`,
    detail: trouble === undefined ? '' : `${shownIntegration(trouble.integration)}: ${trouble.lastError}`,
    lost: failed.length === 0 ? {} : { gave_up: failed.length },
  };
}

function off(name: string, summary: string): PipelineHealth {
  return { name, state: 'off', summary, detail: '', lost: {} };
}
