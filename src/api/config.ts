import { byteSize, duration, httpUrl, z } from '../lib/schema/schema.ts';
import { tenantSchema } from './scope/config.ts';
import { upstreamSchema } from './upstream/config.ts';

const access = z
  .array(z.enum(['read', 'write', 'admin']))
  .min(1)
  .describe('What it opens: `read` queries and pages, `write` ingest, `admin` all of it and the admin endpoints');

/** Section `server`: where the API and the console listen, and who may use them. */
export const serverSchema = z.strictObject({
  listen: z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]*\]|[^:[\]]*):\d{1,5}$/, 'expected host:port')
    .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) < 65_536, 'expected a port up to 65535')
    .default('127.0.0.1:9780')
    .describe('Address and port; port 0 takes a free one'),
  external_url: z
    .union([z.literal(''), httpUrl()])
    .default('')
    .describe('How people reach this server from outside; links in notifications start with it'),
  insecure: z
    .boolean()
    .default(false)
    .describe('Listen beyond loopback without any `auth`: everybody who reaches the port may read and write'),
  auth: z
    .strictObject({
      tokens: z
        .array(z.strictObject({ file: z.string().describe('File that holds the bearer token'), access }))
        .default([])
        .describe('Bearer tokens, one a file, read again when the file changes'),
      users: z
        .array(
          z.strictObject({
            username: z.string().min(1).describe('Name for basic auth'),
            password_file: z.string().describe('File that holds the password'),
            access,
          }),
        )
        .default([])
        .describe('People and programs that use basic auth'),
    })
    .prefault({})
    .describe('Who may use the server; nobody listed: everybody, and then only on loopback'),
  tenants: z
    .array(tenantSchema)
    .default([])
    .describe('Callers who may read some series only, and nothing else; everybody else is in `auth`'),
  upstream: upstreamSchema.optional(),
  cors_origins: z
    .array(z.string())
    .default([])
    .describe('Origins of web pages that may call the API, such as `https://grafana.example.org`; `*` for all'),
  admin_api: z.boolean().default(false).describe('Serve /api/v1/admin/tsdb/*: delete series, snapshot'),
  requests_per_minute: z
    .number()
    .int()
    .min(0)
    .default(60_000)
    .describe(
      'The most API requests a client address may make a minute, where one Grafana stands for many people; 0 = no limit',
    ),
  query_timeout: duration('2m').describe('The longest a query may run'),
  use_start_timestamps: z
    .boolean()
    .default(false)
    .describe(
      'Let rate(), increase(), resets() and start_timestamp() go by the times at which counters began, where senders told them (OTLP, remote write 2.0). Prometheus has it as the feature use-start-timestamps',
    ),
  max_points: z
    .number()
    .int()
    .min(1)
    .default(11_000)
    .describe('The most points a range query may give for each series'),
  live_tails: z.number().int().min(0).default(32).describe('The most live log tails at a time'),
  body_timeout: duration('1m').describe('How long the body of a request may take to come'),
  max_body_bytes: byteSize('256MiB').describe(
    'The most bytes of request bodies in memory over all connections; beyond it 503 with Retry-After',
  ),
  max_connections: z.number().int().min(1).default(2000).describe('The most connections at a time'),
  stop_timeout: duration('5s').describe('How long a stop waits for requests under way'),
});

export type ServerConfig = z.infer<typeof serverSchema>;
