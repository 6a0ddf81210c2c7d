import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { decodeText } from '../lib/text/decode-text.ts';
import type { HttpClientConfig } from '../lib/http/client.ts';
import { byteSize, duration, validate, z } from '../lib/schema/schema.ts';
import { type Complaint, InputError, parseYaml, type Path, type YamlSource } from '../lib/schema/yaml.ts';
import { type CollectorConfig, type ScrapeConfig, scrapeConfigSchema } from './config.ts';
import { about } from './discovery/group-file.ts';
import { filesOf } from './file-pattern.ts';
import { expandNames } from './regex.ts';

/** What a `prometheus.yml` holds beside its jobs; none of it is for the collector. */
const OTHERS = ['rule_files', 'scrape_config_files', 'alerting', 'remote_write', 'remote_read', 'storage', 'tracing', 'otlp', 'runtime'] as const; // prettier-ignore

/** Keys of `global` that are not for the collector either. */
const OTHER_GLOBALS = [
  'evaluation_interval',
  'rule_query_offset',
  'query_log_file',
  'scrape_failure_log_file',
] as const;

/** Keys of `global` that a job has as well, and which hold for the jobs that do not name them. */
const JOB_DEFAULTS = [
  'scrape_protocols', 'body_size_limit', 'sample_limit', 'target_limit', 'label_limit', 'label_name_length_limit',
  'label_value_length_limit', 'keep_dropped_targets', 'metric_name_validation_scheme', 'metric_name_escaping_scheme',
  'scrape_native_histograms', 'convert_classic_histograms_to_nhcb', 'always_scrape_classic_histograms',
  'extra_scrape_metrics',
] as const; // prettier-ignore

const limit = z.int().min(0).optional();

const unused = <Key extends string>(keys: readonly Key[]) =>
  Object.fromEntries(keys.map((key) => [key, z.unknown().optional()])) as Record<Key, z.ZodOptional<z.ZodUnknown>>;

const globalSchema = z.strictObject({
  ...unused(OTHER_GLOBALS),
  ...unused(JOB_DEFAULTS),
  scrape_interval: duration().optional(),
  scrape_timeout: duration().optional(),
  external_labels: z.record(z.string(), z.string()).default({}),
  body_size_limit: byteSize().optional(),
  sample_limit: limit,
  target_limit: limit,
  label_limit: limit,
  label_name_length_limit: limit,
  label_value_length_limit: limit,
  keep_dropped_targets: limit,
});

const fileSchema = z.strictObject({
  ...unused(OTHERS),
  global: globalSchema.prefault({}),
  scrape_configs: z.array(z.unknown()).default([]),
});

const jobsSchema = z.strictObject({ scrape_configs: z.array(scrapeConfigSchema).default([]) });

/** A job with what the file around it says of its series. */
export type ScrapeJob = ScrapeConfig & {
  /** Put on the series that have no such label of their own. */
  readonly external_labels?: Readonly<Record<string, string>>;
};

/** Called with the keys of a file that are known and not used here, such as `remote_write`. */
export type OnUnused = (file: string, keys: readonly string[]) => void;

/**
 * All jobs: those of `scrape_configs` and those in `scrape_config_files`, whole `prometheus.yml` files among them. Paths in
 * them start from the folder of the file in which they stand, `folder` being that of the configuration.
 * @throws {InputError} naming every file that cannot be read or used, and jobs of one name
 */
export function loadScrapeConfigs(config: CollectorConfig, folder: string, onUnused: OnUnused = () => {}): ScrapeJob[] {
  const jobs: ScrapeJob[] = config.scrape_configs.map((job) => withPathsFrom(folder, job));
  const complaints: Complaint[] = [];
  const names = new Set(jobs.map((job) => job.job_name));
  for (const file of scrapeConfigFiles(config, folder, complaints)) {
    try {
      for (const job of readJobs(file, onUnused)) {
        if (names.has(job.job_name))
          complaints.push(about(file, `job ${JSON.stringify(job.job_name)} is there already`));
        names.add(job.job_name);
        jobs.push(job);
      }
    } catch (error) {
      complaints.push(...(error instanceof InputError ? error.complaints : [about(file, (error as Error).message)]));
    }
  }
  if (complaints.length > 0) throw new InputError(complaints);
  return jobs;
}

function scrapeConfigFiles(config: CollectorConfig, folder: string, complaints: Complaint[]): string[] {
  return config.scrape_config_files.flatMap((pattern) => {
    try {
      return filesOf(resolve(folder, pattern));
    } catch (error) {
      complaints.push(about(pattern, (error as Error).message));
      return [];
    }
  });
}

function readJobs(file: string, onUnused: OnUnused): ScrapeJob[] {
  const source = parseYaml(decodeText(readFileSync(file), file), file);
  const { global, ...rest } = validate(source, fileSchema);
  const keys = [
    ...OTHERS.filter((key) => (rest[key] ?? null) !== null),
    ...OTHER_GLOBALS.filter((key) => (global[key] ?? null) !== null).map((key) => `global.${key}`),
  ];
  if (keys.length > 0) onUnused(file, keys);
  const labels = Object.entries(global.external_labels).map(([name, value]) => [name, expandNames(value, process.env)]);
  const external_labels = Object.fromEntries(labels) as Record<string, string>;
  return validate(withDefaults(source), jobsSchema).scrape_configs.map((job) => {
    const interval = job.scrape_interval ?? global.scrape_interval;
    // A general timeout gives way to a shorter interval of the job.
    const general = Math.min(global.scrape_timeout ?? Infinity, interval ?? Infinity);
    const timeout = job.scrape_timeout ?? (global.scrape_timeout === undefined ? undefined : general);
    const paths = withPathsFrom(dirname(file), job);
    return { ...paths, scrape_interval: interval, scrape_timeout: timeout, external_labels };
  });
}

/** The document's jobs alone, with what `global` says for those that do not name it. Complaints still find their places. */
function withDefaults(source: YamlSource): YamlSource {
  const { global, scrape_configs: jobs = [] } = source.value as {
    global?: Record<string, unknown> | null;
    scrape_configs?: unknown[] | null;
  };
  const defaults = JOB_DEFAULTS.filter((key) => (global?.[key] ?? null) !== null);
  const filled = (jobs ?? []).map((job) => {
    if (job === null || typeof job !== 'object') return job;
    const own = job as Record<string, unknown>;
    const missing = defaults.filter((key) => (own[key] ?? null) === null);
    return { ...own, ...Object.fromEntries(missing.map((key) => [key, global?.[key]])) };
  });
  const place = (path: Path): Path => {
    const [, index, key] = path;
    const ofGlobal = typeof index === 'number' && defaults.some((name) => name === key) && !isOwn(jobs?.[index], key);
    return ofGlobal ? ['global', ...path.slice(2)] : path;
  };
  return {
    ...source,
    value: { scrape_configs: filled },
    complain: (path, message, key) => source.complain(place(path), message, key),
    scalarAt: (path) => source.scalarAt(place(path)),
  };
}

function isOwn(job: unknown, key: unknown): boolean {
  return job !== null && typeof job === 'object' && ((job as Record<string, unknown>)[String(key)] ?? null) !== null;
}

function withPathsFrom(folder: string, job: ScrapeConfig): ScrapeConfig {
  const at = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  return {
    ...job,
    ...httpPaths(job, at),
    file_sd_configs: job.file_sd_configs.map((sd) => ({ ...sd, files: sd.files.map((file) => resolve(folder, file)) })),
    http_sd_configs: job.http_sd_configs.map((sd) => ({ ...sd, ...httpPaths(sd, at) })),
    kubernetes_sd_configs: job.kubernetes_sd_configs.map((sd) => ({
      ...sd,
      ...httpPaths(sd, at),
      kubeconfig_file: at(sd.kubeconfig_file),
    })),
  };
}

function httpPaths(
  config: Omit<HttpClientConfig, 'follow_redirects'>,
  at: (path: string | undefined) => string | undefined,
): Omit<HttpClientConfig, 'follow_redirects'> {
  const { bearer_token_file, basic_auth: basic, authorization, tls_config: tls, http_headers: headers } = config;
  return {
    bearer_token_file: at(bearer_token_file),
    basic_auth: basic && { ...basic, password_file: at(basic.password_file) },
    authorization: authorization && { ...authorization, credentials_file: at(authorization.credentials_file) },
    tls_config: tls && { ...tls, ca_file: at(tls.ca_file), cert_file: at(tls.cert_file), key_file: at(tls.key_file) },
    http_headers:
      headers &&
      Object.fromEntries(
        Object.entries(headers).map(([name, { values, files }]) => [
          name,
          { values, files: files?.map((file) => at(file) ?? file) },
        ]),
      ),
  };
}
