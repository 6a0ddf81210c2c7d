export { type Collector, createCollector } from './collector.ts';
export { scrapeConfigSchema } from './config.ts';
export { loadScrapeConfigs } from './scrape-configs.ts';
