import { counter, gauge } from '../lib/metrics.ts';

export const scrapes = counter('crowsnest_scrapes_total', 'Scrapes by how they ended: ok, or why they gave nothing.', [
  'job',
  'result',
]);
export const scrapedSamples = counter('crowsnest_scrape_samples_total', 'Samples read from pages, before relabeling.', [
  'job',
]);
export const brokenLines = counter(
  'crowsnest_scrape_lines_broken_total',
  'Lines of pages that were left out, by reason.',
  ['job', 'reason'],
);
export const importLinesBroken = counter(
  'crowsnest_import_lines_broken_total',
  'Lines of imported text that were left out, by reason.',
  ['reason'],
);
export const refusedSamples = counter(
  'crowsnest_scrape_samples_refused_total',
  'Samples that the receiver did not take, by reason.',
  ['job', 'reason'],
);
export const missedTicks = counter(
  'crowsnest_scrape_ticks_missed_total',
  'Scrapes left out because the one before, or its receiver, was still busy.',
  ['job'],
);
export const activeSeries = gauge('crowsnest_scrape_series', 'Series of the last scrape of every target.', ['job']);
export const targetCount = gauge('crowsnest_scrape_targets', 'Targets by job and health.', ['job', 'health']);
export const discoveryFailures = counter(
  'crowsnest_scrape_discovery_failures_total',
  'Target files that could not be read, or targets that could not be used.',
  ['job'],
);
