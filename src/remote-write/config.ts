import { httpClientSchema } from '../lib/http/client.ts';
import { oneAuth } from '../lib/http/one-auth.ts';
import { relabelSchema } from '../relabel/relabel.ts';
import { byteSize, duration, httpUrl, z } from '../lib/schema/schema.ts';

/** One entry of `ship.metrics`: Prometheus' `remote_write` keys, and the bound of the queue on disk. */
const keysSchema = httpClientSchema.extend({
  url: httpUrl().describe('Where to send: the remote-write endpoint of any Prometheus-compatible store.'),
  name: z
    .string()
    .optional()
    .describe('Names the destination in self metrics and in its queue folder. Default: made from the URL.'),
  remote_timeout: duration('30s').describe('Longest wait for one answer.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Sent with every request, such as X-Scope-OrgID.'),
  write_relabel_configs: z
    .array(relabelSchema)
    .default([])
    .describe('Relabels or drops series on their way to this destination only.'),
  queue_config: z
    .strictObject({
      max_samples_per_send: z.int().min(1).max(10_000).default(2000).describe('Samples in one request.'),
      max_shards: z
        .int()
        .min(1)
        .max(50)
        .default(4)
        .describe(
          'Requests under way at once. Series are divided among so many shards; one shard has one request at a time, so that a series is sent in order.',
        ),
      min_backoff: duration('30ms').describe('First wait before a request is repeated.'),
      max_backoff: duration('5s').describe('Longest wait before a request is repeated.'),
      retry_on_http_429: z
        .boolean()
        .default(true)
        .describe('Repeat what was refused for too many requests. Prometheus drops it by default.'),
      max_disk: byteSize('1GB').describe(
        'Bytes that may wait on disk for the destination; above it the oldest are dropped and counted.',
      ),
    })
    .prefault({}),
});

/** At most one way to authenticate, as in Prometheus. */
export const remoteWriteSchema = keysSchema.superRefine(oneAuth);

export type RemoteWriteConfig = z.infer<typeof remoteWriteSchema>;
