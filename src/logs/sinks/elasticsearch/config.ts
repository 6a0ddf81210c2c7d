import { httpClientSchema } from '../../../lib/http/client.ts';
import { byteSize, duration, httpUrl, z } from '../../../lib/schema/schema.ts';

const http = httpClientSchema.pick({ basic_auth: true, tls_config: true, http_headers: true }).shape;

/** An entry of `ship.logs` that names Elasticsearch or OpenSearch. */
export const elasticsearchSchema = z.strictObject({
  elasticsearch: z
    .union([httpUrl(), z.array(httpUrl()).min(1)])
    .transform((urls) => (typeof urls === 'string' ? [urls] : urls))
    .describe('URLs of Elasticsearch or OpenSearch nodes; the next one is used when one does not answer.'),
  data_stream: z
    .string()
    .default('logs-{dataset}-{namespace}')
    .describe(
      'Data stream that records go to. `{dataset}` and `{namespace}` stand for the two settings below, any other name in ' +
        'braces for a field of the file, such as `{kubernetes.namespace}`.',
    ),
  dataset: z
    .string()
    .default('crowsnest')
    .describe('Value of `{dataset}`; the one of a file is used where it lacks the field.'),
  namespace: z.string().default('default').describe('Value of `{namespace}`.'),
  api_key_file: z
    .string()
    .optional()
    .describe(
      'File with an API key in its encoded form. It needs `create_doc` and `auto_configure` on the data stream, and `read` and `view_index_metadata` so that a request without an answer is not stored twice when the stream rolls over meanwhile.',
    ),
  ...http,
  max_body: byteSize('4MB').describe('Bytes of one bulk request before compression.'),
  linger: duration('1s').describe('How long records wait for others to share a request with.'),
  concurrency: z.int().min(1).max(64).default(3).describe('Bulk requests being filled or under way at once.'),
  compression_level: z
    .int()
    .min(0)
    .max(9)
    .default(0)
    .describe('gzip level of requests; 0 sends them as they are, which is cheaper where the wire is.'),
  request_timeout: duration('30s').describe('Time limit of one request.'),
  retry_min: duration('500ms').describe('Pause before a request is sent again; doubles from there.'),
  retry_max: duration('30s').describe('Longest pause before a request is sent again.'),
  dead_letter_file: z
    .string()
    .optional()
    .describe(
      'Where records that were refused for good are kept; default `logs/dead-letters.ndjson` in the data folder.',
    ),
  dead_letter_max_size: byteSize('64MB').describe(
    'The file is put aside as `.1` at this size, in place of the one before.',
  ),
});

export type ElasticsearchConfig = z.infer<typeof elasticsearchSchema>;
