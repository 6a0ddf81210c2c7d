export { type Collector, type CollectorOptions, type CollectorStatus, createCollector } from './collector.ts';
export { collectSchema, type CollectorConfig, scrapeConfigSchema, type ScrapeConfig } from './config.ts';
export { loadScrapeConfigs } from './scrape-configs.ts';
