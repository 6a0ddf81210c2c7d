import { httpClientSchema } from '../lib/http/client.ts';
import { oneAuth } from '../lib/http/one-auth.ts';
import { aboveZero, byteSize, duration, z } from '../lib/schema/schema.ts';
import { discoveryKeys, type StaticConfig } from './discovery/index.ts';
import { ESCAPINGS, SCRAPE_PROTOCOLS } from './exposition/format.ts';
import { kubeletSchema } from './kubelet/config.ts';
import { nodeSchema } from './node/config.ts';
import { podsSchema } from './node-pods/config.ts';
import { relabelSchema } from '../relabel/relabel.ts';

const SUPPORTED_ELSEWHERE = [
  'azure', 'consul', 'digitalocean', 'docker', 'dockerswarm', 'ec2', 'eureka', 'gce', 'hetzner', 'ionos',
  'kuma', 'lightsail', 'linode', 'marathon', 'nerve', 'nomad', 'openstack', 'ovhcloud', 'puppetdb',
  'scaleway', 'serverset', 'stackit', 'triton', 'uyuni', 'vultr',
].map((name) => `${name}_sd_configs`); // prettier-ignore

const NOT_YET = [
  ...SUPPORTED_ELSEWHERE,
  'oauth2',
  'proxy_url',
  'proxy_from_environment',
  'no_proxy',
  'proxy_connect_header',
  'scrape_failure_log_file',
  'native_histogram_bucket_limit',
  'native_histogram_min_bucket_factor',
];

/** Prometheus' keys that are refused in words of their own, for they are no mistake of the user. */
const notYet = Object.fromEntries(
  NOT_YET.map((key) => [
    key,
    z
      .unknown()
      .refine((value) => value === undefined, 'a key of Prometheus, not supported yet')
      .optional()
      .describe('Not supported yet.'),
  ]),
);

const limit = (what: string) => z.number().int().min(0).default(0).describe(`${what} 0 is no limit.`);

const onlyFalse = (what: string) =>
  z
    .boolean()
    .refine((value) => !value, 'a key of Prometheus, not supported as true yet')
    .default(false)
    .describe(`${what} Not supported yet: only false.`);

/** One entry of Prometheus' `scrape_configs`. */
export const scrapeConfigSchema = z
  .strictObject({
    ...notYet,
    ...httpClientSchema.shape,
    job_name: z.string().min(1).describe('Label `job` of every series.'),
    scrape_interval: aboveZero(duration())
      .optional()
      .describe('Time from scrape to scrape; default `collect.scrape_interval`.'),
    scrape_timeout: aboveZero(duration())
      .optional()
      .describe('Longest time of a scrape; default `collect.scrape_timeout`.'),
    scrape_protocols: z
      .array(z.enum([...SCRAPE_PROTOCOLS, 'PrometheusProto']))
      .min(1)
      .default(['OpenMetricsText1.0.0', 'OpenMetricsText0.0.1', 'PrometheusText1.0.0', 'PrometheusText0.0.4'])
      .describe('Formats asked for, the most wanted first. PrometheusProto is passed over.'),
    fallback_scrape_protocol: z
      .enum(SCRAPE_PROTOCOLS)
      .optional()
      .describe('Format of a page whose Content-Type says none.'),
    scrape_native_histograms: onlyFalse('Scrape native histograms.'),
    always_scrape_classic_histograms: z.boolean().default(false).describe('Classic histograms are always scraped.'),
    extra_scrape_metrics: onlyFalse('Add more series about each scrape.'),
    convert_classic_histograms_to_nhcb: onlyFalse('Turn classic histograms into native ones.'),
    metrics_path: z.string().default('/metrics').describe('Path of the page.'),
    scheme: z.enum(['http', 'https']).default('http').describe('Protocol.'),
    params: z.record(z.string(), z.array(z.string())).default({}).describe('URL parameters.'),
    honor_labels: z.boolean().default(false).describe('Labels of the page win over those of the target.'),
    honor_timestamps: z.boolean().default(true).describe('Timestamps on the page count.'),
    track_timestamps_staleness: z
      .boolean()
      .default(false)
      .describe('Series with timestamps of their own go stale when they vanish.'),
    enable_compression: z
      .boolean()
      .default(false)
      .describe('Ask for gzip. Off, unlike in Prometheus: on one machine or network it costs more than it saves.'),
    enable_http2: z.boolean().default(true).describe('Accepted; HTTP/1.1 is spoken.'),
    body_size_limit: byteSize('64MB').describe('Longest page in bytes, unpacked; 0 takes the 64MB default.'),
    sample_limit: limit('Samples of a page after relabeling; more fail the scrape.'),
    label_limit: limit('Labels of a series; more fail the scrape.'),
    label_name_length_limit: limit('Bytes of a label name; more fail the scrape.'),
    label_value_length_limit: limit('Bytes of a label value; more fail the scrape.'),
    target_limit: limit('Targets of the job after relabeling; with more none is scraped and all are down.'),
    keep_dropped_targets: limit('Dropped targets that are remembered for the API.'),
    metric_name_validation_scheme: z
      .enum(['utf8', 'legacy'])
      .default('utf8')
      .describe('With `legacy`, lines whose names are not of letters, digits, `_` and `:` are left out.'),
    metric_name_escaping_scheme: z
      .enum(ESCAPINGS)
      .optional()
      .describe('How targets are asked to write other names; default `allow-utf-8`, or `underscores` with `legacy`.'),
    ...discoveryKeys,
    relabel_configs: z.array(relabelSchema).default([]).describe('Changes or drops targets.'),
    metric_relabel_configs: z.array(relabelSchema).default([]).describe('Changes or drops series.'),
  })
  .refine(
    (job) =>
      job.scrape_timeout === undefined ||
      job.scrape_interval === undefined ||
      job.scrape_timeout <= job.scrape_interval,
    { path: ['scrape_timeout'], message: 'expected no more than scrape_interval' },
  )
  .refine((job) => job.metric_name_validation_scheme === 'utf8' || job.metric_name_escaping_scheme !== 'allow-utf-8', {
    path: ['metric_name_escaping_scheme'],
    message: 'expected one that metric_name_validation_scheme legacy takes',
  })
  .superRefine(oneAuth)
  .superRefine(noUrlsAsTargets);

/** A target is `host:port`. Where relabeling comes between, a URL may become a parameter, as for the blackbox exporter. */
function noUrlsAsTargets(
  job: { static_configs: StaticConfig[]; relabel_configs: unknown[] },
  context: z.RefinementCtx,
): void {
  if (job.relabel_configs.length > 0) return;
  job.static_configs.forEach(({ targets }, i) =>
    targets.forEach((target, j) => {
      if (!target.includes('/')) return;
      const path = ['static_configs', i, 'targets', j];
      context.addIssue({
        code: 'custom',
        path,
        message: 'expected host:port; scheme and metrics_path are keys of the job',
      });
    }),
  );
}

export type ScrapeConfig = z.infer<typeof scrapeConfigSchema>;

/** Section `collect`. */
export const collectSchema = z
  .strictObject({
    scrape_interval: aboveZero(duration('15s')).describe('Time from scrape to scrape where a job gives none.'),
    scrape_timeout: aboveZero(duration('10s')).describe('Longest time of a scrape where a job gives none.'),
    scrape_configs: z.array(scrapeConfigSchema).default([]).describe("Prometheus' own `scrape_configs`."),
    scrape_config_files: z
      .array(z.string().regex(/^[^*]*(\*[^/*]*)?$/, 'expected a path with one * in its last part at most'))
      .default([])
      .describe('Files with `scrape_configs`, such as a `prometheus.yml`; the last part of a path may hold one `*`.'),
    probe_modules: z
      .string()
      .optional()
      .describe(
        "blackbox_exporter's module file (`blackbox.yml`); with it `/probe` answers as blackbox_exporter does.",
      ),
    node: nodeSchema.prefault({}),
    kubelet: kubeletSchema.prefault({}),
    pods: podsSchema.prefault({}),
    self: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Collect the metrics of crowsnest itself.'),
        job: z.string().default('crowsnest').describe('Label `job` of these series.'),
      })
      .prefault({}),
  })
  .superRefine(({ scrape_configs: jobs }, context) => {
    jobs.forEach((job, i) => {
      if (jobs.findIndex((other) => other.job_name === job.job_name) < i)
        context.addIssue({
          code: 'custom',
          path: ['scrape_configs', i, 'job_name'],
          message: `expected a name no other job has, not ${JSON.stringify(job.job_name)} again`,
        });
    });
  });

export type CollectorConfig = z.infer<typeof collectSchema>;
