import { counter, gauge } from '../lib/metrics.ts';

const linesRead = counter('crowsnest_log_lines_total', 'Records read from log files.', ['destination']);
const bytesRead = counter('crowsnest_log_bytes_total', 'Bytes of log files that were taken in.', ['destination']);
const recordsStored = counter('crowsnest_log_records_stored_total', 'Records that the other side accepted.', [
  'destination',
]);
const recordsDuplicate = counter(
  'crowsnest_log_records_duplicate_total',
  'Records that the other side had from an earlier try.',
  ['destination'],
);
const recordsRefused = counter(
  'crowsnest_log_records_refused_total',
  'Records that the other side refused for good, by reason.',
  ['destination', 'reason'],
);
const shipFailures = counter(
  'crowsnest_log_ship_failures_total',
  'Batches that were not accepted and are offered again.',
  ['destination'],
);
export const linesMarked = counter(
  'crowsnest_log_lines_marked_total',
  'Records that did not come through as they were, by mark: truncated, unparsed, invalid_utf8, partial, unknown_zone.',
  ['mark'],
);
export const bytesDropped = counter(
  'crowsnest_log_bytes_dropped_total',
  'Bytes of log files that were left out, by reason.',
  ['reason'],
);
export const bytesLost = counter(
  'crowsnest_log_bytes_lost_total',
  'Bytes that were seen in log files and were gone before they were read, by reason: truncated, gone, unreadable.',
  ['reason'],
);
export const rotations = counter('crowsnest_log_rotations_total', 'Files that were renamed, truncated or removed.', [
  'kind',
]);
export const filesByState = gauge('crowsnest_log_files', 'Log files by state: followed, draining, skipped.', ['state']);
const lagSeconds = gauge(
  'crowsnest_log_lag_seconds',
  'Age of the oldest bytes that were seen and not yet accepted by the other side.',
  ['destination'],
);
const inFlightBytes = gauge('crowsnest_log_in_flight_bytes', 'Bytes of buffers whose records are not yet accepted.', [
  'destination',
]);

export const bulkRequests = counter(
  'crowsnest_log_bulk_requests_total',
  'Bulk requests by outcome: all_stored, items (some were not), split, refused, uncertain (no answer).',
  ['outcome'],
);
export const bulkBytes = counter('crowsnest_log_bulk_bytes_total', 'Bytes of bulk requests before compression.');
export const bulkItemsRetried = counter(
  'crowsnest_log_bulk_items_retried_total',
  'Items of bulk requests that are sent again, by status.',
  ['status'],
);
export const deadLettersLost = counter(
  'crowsnest_log_dead_letters_lost_total',
  'Records that were refused for good and could not be kept in the dead-letter file.',
);
export const deadLetters = counter(
  'crowsnest_log_dead_letters_total',
  'Records that were refused for good and kept in the dead-letter file.',
);

export type DestinationMetrics = ReturnType<typeof metricsOf>;

/** Removes the gauges of a destination that is gone; its counters stay. */
export function forgetDestination(destination: string): void {
  lagSeconds.remove(destination);
  inFlightBytes.remove(destination);
}

/** The figures of one destination. */
export function metricsOf(destination: string) {
  return {
    linesRead: linesRead.labels(destination),
    bytesRead: bytesRead.labels(destination),
    recordsStored: recordsStored.labels(destination),
    recordsDuplicate: recordsDuplicate.labels(destination),
    shipFailures: shipFailures.labels(destination),
    lagSeconds: lagSeconds.labels(destination),
    inFlightBytes: inFlightBytes.labels(destination),
    recordsRefused: (reason: string, count: number) => recordsRefused.inc({ destination, reason }, count),
  };
}
