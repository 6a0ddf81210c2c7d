import { join } from 'node:path';
import { scrapeConfigSchema } from '../collector/index.ts';
import { createShop } from '../demo/shop.ts';
import { packageRoot } from '../lib/package-root.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import type { LoadedConfig } from './config.ts';

type Job = LoadedConfig['config']['collect']['scrape_configs'][number];

export interface OpenShop {
  readonly service: Service;
  /** The configuration with the shop as one more target, log file and rule file. */
  readonly loaded: LoadedConfig;
  readonly hints: readonly string[];
}

/** Starts the demo's shop and adds it to the configuration as a target, a log file and a rule file. */
export async function openShop(loaded: LoadedConfig): Promise<OpenShop> {
  const { config } = loaded;
  const logFile = join(config.data_dir, 'demo', 'shop.log');
  const shop = createShop({ logFile });
  await shop.start();
  const job = scrapeConfigSchema.parse({
    job_name: 'shop',
    scrape_interval: '5s',
    scrape_timeout: '2s',
    static_configs: [{ targets: [new URL(shop.url).host], labels: { service: 'checkout' } }],
  });
  return {
    service: { name: shop.name, start() {}, stop: () => shop.stop() },
    loaded: withShop(loaded, job, logFile),
    hints: [
      `demo            a shop at ${shop.url}; its checkout fails from 15 s on`,
      'demo            its objective has windows of seconds instead of hours: a page within two minutes, here and in the console',
    ],
  };
}

/** The configuration with the shop in it, and again after each reload. */
function withShop(loaded: LoadedConfig, job: Job, logFile: string): LoadedConfig {
  const { collect, logs, alerting } = loaded.config;
  const file = { path: logFile, format: 'plain' as const, fields: { 'service.name': 'checkout' } };
  return {
    ...loaded,
    config: {
      ...loaded.config,
      collect: { ...collect, scrape_configs: [...collect.scrape_configs, job] },
      logs: { ...logs, files: [...logs.files, file] },
      alerting: { ...alerting, rule_files: [...alerting.rule_files, join(packageRoot, 'demo', '*.yaml')] },
    },
    again: () => withShop(loaded.again(), job, logFile),
  };
}
