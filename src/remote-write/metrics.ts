import { counter, gauge } from '../lib/metrics.ts';

export const samplesSent = counter('crowsnest_remote_write_samples_total', 'Samples that a destination accepted.', [
  'destination',
]);
export const samplesDropped = counter(
  'crowsnest_remote_write_samples_dropped_total',
  'Samples dropped, by reason: rejected, queue_full, damaged, not_queued (the disk took no more).',
  ['destination', 'reason'],
);
export const bytesSent = counter('crowsnest_remote_write_bytes_total', 'Bytes of accepted request bodies.', [
  'destination',
]);
export const retries = counter('crowsnest_remote_write_retries_total', 'Requests sent again after a failure.', [
  'destination',
]);
export const pendingBytes = gauge('crowsnest_remote_write_pending_bytes', 'Bytes that wait in the queue on disk.', [
  'destination',
]);
export const lastSuccess = gauge(
  'crowsnest_remote_write_last_success_timestamp_seconds',
  'When a destination last accepted something.',
  ['destination'],
);
