import { counter, gauge, histogram } from '../lib/metrics.ts';

export const samplesAccepted = counter('crowsnest_store_samples_accepted_total', 'Samples taken into the store.');
export const samplesRefused = counter('crowsnest_store_samples_refused_total', 'Samples refused, by reason.', [
  'reason',
]);
export const writesRefused = counter('crowsnest_store_writes_refused_total', 'Writes refused as a whole, by reason.', [
  'reason',
]);
export const logsStored = counter('crowsnest_store_log_records_total', 'Log records taken into the store.');
export const logsDuplicate = counter(
  'crowsnest_store_log_duplicates_total',
  'Log records offered again that were there already.',
);
export const commitSeconds = histogram(
  'crowsnest_store_commit_seconds',
  'Time of one commit to the head file.',
  [0.001, 0.005, 0.02, 0.05, 0.1, 0.5, 2],
);
export const commitFailures = counter('crowsnest_store_commit_failures_total', 'Commits that failed, by reason.', [
  'reason',
]);
export const compactions = counter('crowsnest_store_compactions_total', 'Blocks written, by outcome.', ['outcome']);
export const damagedFiles = counter('crowsnest_store_damaged_files_total', 'Files moved aside as damaged.');
export const lostRows = counter(
  'crowsnest_store_damaged_rows_total',
  'Rows that had been committed to a file and were missing when it was opened again, by table.',
  ['table'],
);
export const unreadableSamples = counter(
  'crowsnest_store_unreadable_samples_total',
  'Stored histograms that were left out of a read, as their parts do not belong together.',
);
export const retentionDrops = counter(
  'crowsnest_store_blocks_dropped_total',
  'Blocks dropped by retention, by reason.',
  ['reason'],
);
export const selects = counter(
  'crowsnest_store_selects_total',
  'Reads of samples, by where they were answered from: memory alone, or disk as well.',
  ['from'],
);
export const seriesGauge = gauge('crowsnest_store_series', 'Series in the index.');
export const bytesGauge = gauge('crowsnest_store_bytes', 'Bytes on disk.');
export const windowBytes = gauge('crowsnest_store_window_bytes', 'Bytes of recent samples in memory.');
