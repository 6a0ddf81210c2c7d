import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { duration, validate, z } from '../lib/schema.ts';
import { type Complaint, InputError, parseYaml } from '../lib/yaml.ts';
import { type CollectorConfig, type ScrapeConfig, scrapeConfigSchema } from './config.ts';

/** What a `prometheus.yml` holds beside its jobs; none of it is for the collector. */
const OTHERS = ['rule_files', 'scrape_config_files', 'alerting', 'remote_write', 'remote_read', 'storage', 'tracing', 'otlp', 'runtime']; // prettier-ignore

const prometheusSchema = z.strictObject({
  ...Object.fromEntries(OTHERS.map((key) => [key, z.unknown().optional()])),
  global: z.looseObject({ scrape_interval: duration().optional(), scrape_timeout: duration().optional() }).optional(),
  scrape_configs: z.array(scrapeConfigSchema).default([]),
});

/**
 * All jobs: those of `scrape_configs` and those in `scrape_config_files`, whole `prometheus.yml` files among them. Paths in
 * them start from the folder of the file in which they stand, `folder` being that of the configuration.
 * @throws {InputError} naming every file that cannot be read or used, and jobs of one name
 */
export function loadScrapeConfigs(config: CollectorConfig, folder: string): ScrapeConfig[] {
  const jobs = config.scrape_configs.map((job) => withPathsFrom(folder, job));
  const complaints: Complaint[] = [];
  const names = new Set(jobs.map((job) => job.job_name));
  for (const file of config.scrape_config_files.flatMap((pattern) => filesOf(resolve(folder, pattern)))) {
    try {
      for (const job of readJobs(file)) {
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

function readJobs(file: string): ScrapeConfig[] {
  const { global, scrape_configs: jobs } = validate(parseYaml(readFileSync(file, 'utf8'), file), prometheusSchema);
  return jobs.map((job) => {
    const interval = job.scrape_interval ?? global?.scrape_interval;
    // A general timeout gives way to a shorter interval of the job.
    const general = Math.min(global?.scrape_timeout ?? Infinity, interval ?? Infinity);
    const timeout = job.scrape_timeout ?? (global?.scrape_timeout === undefined ? undefined : general);
    return { ...withPathsFrom(dirname(file), job), scrape_interval: interval, scrape_timeout: timeout };
  });
}

function about(file: string, message: string): Complaint {
  return { file, line: 0, column: 0, path: '', message };
}

/** A path whose last part may hold one `*`; a pattern that nothing matches is no fault, a missing file is found out later. */
export function filesOf(pattern: string): string[] {
  const last = basename(pattern);
  if (!last.includes('*')) return [pattern];
  const [head, tail] = last.split('*');
  return readdirSync(dirname(pattern))
    .filter((name) => name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail))
    .sort()
    .map((name) => join(dirname(pattern), name));
}

function withPathsFrom(folder: string, job: ScrapeConfig): ScrapeConfig {
  const at = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  const { basic_auth: basic, authorization, tls_config: tls, http_headers: headers } = job;
  return {
    ...job,
    bearer_token_file: at(job.bearer_token_file),
    basic_auth: basic && { ...basic, password_file: at(basic.password_file) },
    authorization: authorization && { ...authorization, credentials_file: at(authorization.credentials_file) },
    tls_config: tls && { ...tls, ca_file: at(tls.ca_file), cert_file: at(tls.cert_file), key_file: at(tls.key_file) },
    http_headers:
      headers &&
      Object.fromEntries(
        Object.entries(headers).map(([name, { values, files }]) => [
          name,
          { values, files: files?.map((file) => resolve(folder, file)) },
        ]),
      ),
    file_sd_configs: job.file_sd_configs.map((sd) => ({ ...sd, files: sd.files.map((file) => resolve(folder, file)) })),
  };
}
