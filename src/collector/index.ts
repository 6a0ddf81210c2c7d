export { type Collector, NO_NODE, createCollector } from './collector.ts';
export type { ConnectKubernetes } from './discovery/index.ts';
export { scrapeConfigSchema } from './config.ts';
export { filesOf as scrapeConfigFiles } from './file-pattern.ts';
export { loadScrapeConfigs } from './scrape-configs.ts';
