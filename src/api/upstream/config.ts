import { httpClientSchema } from '../../lib/http/client.ts';
import { byteSize, duration, httpUrl, z } from '../../lib/schema/schema.ts';

/** `server.upstream`: a Prometheus-compatible API that answers in place of the embedded store. */
export const upstreamSchema = z
  .strictObject({
    url: httpUrl().describe(
      'What `/api/v1/…` is put behind, such as `http://prometheus:9090` or `http://mimir:8080/prometheus`',
    ),
    timeout: duration('2m').describe('How long an answer may take'),
    max_answer: byteSize('64MiB').describe(
      'The longest answer that is filtered for a tenant; all others are passed on as they come',
    ),
    http_config: httpClientSchema.optional().describe('How to reach it, as in prometheus.yml'),
  })
  .describe('Answer queries from another Prometheus, Thanos, Mimir or VictoriaMetrics; nothing here: from the store');

export type UpstreamConfig = z.infer<typeof upstreamSchema>;
