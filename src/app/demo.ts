import { join } from 'node:path';
import { scrapeConfigSchema } from '../collector/index.ts';
import { createShop } from '../demo/shop.ts';
import { packageRoot } from '../lib/package-root.ts';
import type { Service } from '../lib/run-group.ts';
import type { LoadedConfig } from './config.ts';

export interface OpenShop {
  readonly service: Service;
  /** The configuration with the shop as one more target, log file and rule file. */
  readonly loaded: LoadedConfig;
  readonly hints: readonly string[];
}

/** Opens the demo's shop and has it watched like anything else. */
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
    loaded: {
      ...loaded,
      config: {
        ...config,
        collect: { ...config.collect, scrape_configs: [...config.collect.scrape_configs, job] },
        logs: {
          ...config.logs,
          files: [...config.logs.files, { path: logFile, format: 'plain', fields: { 'service.name': 'checkout' } }],
        },
        alerting: {
          ...config.alerting,
          rule_files: [...config.alerting.rule_files, join(packageRoot, 'demo', '*.yaml')],
        },
      },
    },
    hints: [
      `demo            a shop at ${shop.url}; its checkout fails from 15 s on`,
      'demo            its objective has windows of seconds instead of hours: a page within two minutes, here and in the console',
    ],
  };
}
