export { type Collector, createCollector } from './collector.ts';
export { scrapeConfigSchema } from './config.ts';
export { filesOf as scrapeConfigFiles, loadScrapeConfigs } from './scrape-configs.ts';
