import type { Alerting } from '../../alerting/index.ts';
import { ruleFilesRefused } from '../../alerting/metrics.ts';
import type { Collector } from '../../collector/index.ts';
import { formatDuration } from '../../lib/time/duration.ts';
import type { Logs } from '../../logs/index.ts';
import type { Store } from '../../store/index.ts';
import type { Config } from '../config.ts';

/** What `up` shows: the lines of the start, and the figures of its status line. */
export interface Overview {
  readonly series: number;
  readonly samplesPerSecond: number;
  readonly linesPerSecond: number;
  readonly lagSeconds: number;
  readonly rules: number;
  readonly alertsFiring: number;
  readonly storeBytes: number;
  readonly rss: number;
  /** Name and words of each part; `attention` where there is something to be done. */
  readonly parts: readonly { readonly name: string; readonly words: string; readonly attention: string }[];
}

interface Sources {
  readonly config: () => Config;
  readonly store: Store;
  readonly collector: Collector | undefined;
  readonly logs: Logs | undefined;
  readonly alerting: () => Alerting | undefined;
}

export function createOverview(sources: Sources): () => Promise<Overview> {
  return async () => {
    const { store, collector, logs, alerting } = sources;
    const config = sources.config();
    const metrics = collector?.status();
    const lines = logs?.status();
    const stat = await store.stat(0);
    const refused = (await ruleFilesRefused.get()).values[0]?.value ?? 0;
    const rules = (alerting()?.groups() ?? []).flatMap((group) => group.rules);
    const firing = rules.flatMap(({ alerts }) => alerts).filter(({ state }) => state === 'firing').length;
    const down = collector?.targets().find(({ health }) => health === 'down');
    return {
      series: metrics?.series ?? 0,
      samplesPerSecond: metrics?.samplesPerSecond ?? 0,
      linesPerSecond: lines?.linesPerSecond ?? 0,
      lagSeconds: lines?.lagSeconds ?? 0,
      rules: rules.length,
      alertsFiring: firing,
      storeBytes: stat.bytes,
      rss: process.memoryUsage.rss(),
      parts: [
        {
          name: 'metrics',
          words: `${metrics?.series ?? 0} series every ${formatDuration(config.collect.scrape_interval)} from ${metrics?.targets ?? 0} targets`,
          attention: down === undefined ? '' : `${down.scrapeUrl}: ${down.lastError}`,
        },
        { name: 'logs', words: `${lines?.files ?? 0} files followed`, attention: skippedWords(logs) },
        {
          name: 'store',
          words: `${(stat.bytes / 1e6).toFixed(1)} MB, keeps ${formatDuration(config.store.retention)} or ${(config.store.max_size / 1024 ** 3).toFixed(1)} GB`,
          attention: damageWords(stat.damaged),
        },
        {
          name: 'rules',
          words: ruleWords(rules.map(({ rule }) => rule.kind)),
          attention:
            refused === 0 ? (rules.find(({ health }) => health === 'err')?.lastError ?? '') : refusedText(refused),
        },
        {
          name: 'notifications',
          words: config.alerting.routing === undefined ? 'console only' : `routed by ${config.alerting.routing}`,
          attention: config.alerting.routing === undefined ? 'add an e-mail or webhook receiver: docs/notify.md' : '',
        },
      ],
    };
  };
}

/** Why files are left out, each reason once with how many it is. */
function skippedWords(logs: Logs | undefined): string {
  const reasons = new Map<string, number>();
  for (const { state, reason } of logs?.files() ?? [])
    if (state === 'skipped') reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return [...reasons].map(([reason, count]) => `${count} skipped: ${reason}`).join('; ');
}

function refusedText(files: number): string {
  return `${files} rule ${files === 1 ? 'file' : 'files'} refused: crowsnest check says why`;
}

function ruleWords(kinds: readonly ('alerting' | 'recording')[]): string {
  const alerts = kinds.filter((kind) => kind === 'alerting').length;
  return `${alerts} alerts, ${kinds.length - alerts} recordings`;
}

/** '' where nothing is damaged. */
function damageWords(damaged: readonly string[]): string {
  if (damaged.length === 0) return '';
  const others = damaged.length === 1 ? '' : ` and ${damaged.length - 1} more`;
  return `damage was found: ${damaged[0]}${others} in the folder "damaged" of the store`;
}
