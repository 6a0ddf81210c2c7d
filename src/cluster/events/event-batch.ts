import type { LogBatch } from '../../model/log.ts';
import type { EventRecord } from './event-record.ts';

/** A record as a batch of its own source: the event is the source, and its count the place in it. */
export function eventBatch(record: EventRecord, identity: Readonly<Record<string, string>>): LogBatch {
  const bytes = Buffer.from(record.message);
  return {
    source: {
      id: `k8s-event-${record.uid}`,
      path: `/events/${record.namespace}/${record.uid}`,
      fields: { ...identity, ...record.fields },
    },
    count: 1,
    bytes,
    starts: Uint32Array.of(0),
    ends: Uint32Array.of(bytes.length),
    offsets: Float64Array.of(record.count),
    timestamps: Float64Array.of(record.time),
    nanos: Uint32Array.of(0),
    streams: Uint8Array.of(0),
  };
}
