import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { alertingSchema } from '../alerting/config.ts';
import { serverSchema } from '../api/config.ts';
import { clusterSchema } from '../cluster/config.ts';
import { collectSchema } from '../collector/config.ts';
import { kubernetesSchema } from '../kubernetes/config.ts';
import { decodeText } from '../lib/text/decode-text.ts';
import { errnoMeaning } from '../lib/durable/errno.ts';
import { packageRoot } from '../lib/package-root.ts';
import { expandEnvironment, validate, z } from '../lib/schema/schema.ts';
import { COMMAND_LINE, type Complaint, InputError, type Path, type YamlSource, parseYaml } from '../lib/schema/yaml.ts';
import { logsSchema } from '../logs/config.ts';
import { elasticsearchSchema } from '../logs/sinks/elasticsearch/config.ts';
import { remoteWriteSchema } from '../remote-write/config.ts';
import { otlpSchema } from '../ingest/otlp/config.ts';
import { storeSchema } from '../store/config.ts';
import { CONFIG_FILE, configFile } from './config-file.ts';
import { type Overrides, checkFlags } from './flags.ts';

const identitySchema = z
  .strictObject({
    cluster: z.string().optional().describe('Name of the cluster.'),
    region: z.string().optional().describe('Where it runs, such as `eu-west-1`.'),
    datacenter: z.string().optional().describe('The datacenter or zone.'),
  })
  .describe('Labels of this installation: added to every series, log record and page.');

const shipSchema = z
  .strictObject({
    metrics: z
      .array(remoteWriteSchema)
      .default([])
      .describe(
        'Prometheus-compatible stores that get every sample: scraped, recorded by rules, written by others. Imports of history go into the embedded store alone.',
      ),
    logs: z
      .array(elasticsearchSchema)
      .default([])
      .describe('Elasticsearch or OpenSearch clusters that get every record.'),
  })
  .describe('Where metrics and logs go. Nothing here: into the embedded store, where this process has one.');

/** The whole file: one schema for every entry point; each reads its sections. */
export const configSchema = z.strictObject({
  data_dir: z
    .string()
    .min(1)
    .default('.crowsnest')
    .describe('Folder for everything that is kept: store, queues, checkpoints, its own log.'),
  log_level: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('The least severe level that the program writes to its log.'),
  identity: identitySchema.prefault({}),
  kubernetes: kubernetesSchema.prefault({}),
  collect: collectSchema.prefault({}),
  logs: logsSchema.prefault({}),
  ship: shipSchema.prefault({}),
  store: storeSchema.prefault({}),
  otlp: otlpSchema.prefault({}),
  alerting: alertingSchema.prefault({}),
  cluster: clusterSchema.prefault({}),
  server: serverSchema.prefault({}),
});

export type Config = z.infer<typeof configSchema>;

/** A configuration with the folder that its relative paths start from. */
export interface LoadedConfig {
  readonly config: Config;
  readonly folder: string;
  /** The file, or undefined where there is none and all is default. */
  readonly file: string | undefined;
  /** The file's content with the flags over it, before defaults. */
  readonly given: unknown;
  /** A complaint about the value at `path` in the file. */
  complain(path: Path, message: string): Complaint;
  /** Reads the file anew, under the same flags. @throws {InputError} */
  again(): LoadedConfig;
}

/**
 * Reads the file (none: `crowsnest.yaml` where there is one, else all defaults) with `${ENV}` filled in and flags laid over it.
 * @throws {InputError} for a file that cannot be read or used, naming place, path, value and what was expected.
 */
export function loadConfig(named: string | undefined, overrides: Overrides = {}): LoadedConfig {
  checkFlags(overrides);
  const file = configFile(named);
  const source =
    file === undefined
      ? parseYaml('', COMMAND_LINE)
      : expandEnvironment(parseYaml(decodeText(read(file), file), file), process.env);
  const given = withOverrides(source, overrides);
  const config = validate(given, configSchema);
  return {
    config: withPlaces(config, source.value as Given),
    folder: dirname(resolve(file ?? CONFIG_FILE)),
    file,
    given: given.value,
    complain: (path, message) => source.complain(path, message),
    again: () => loadConfig(file, overrides),
  };
}

type Given = {
  readonly store?: { path?: string };
  readonly alerting?: { rule_files?: string[]; playbooks?: string };
} | null;

/** Defaults that depend on where things are: the store lies in the data folder, the rules and playbooks are those we bring. */
function withPlaces(config: Config, given: Given): Config {
  const { store, alerting } = config;
  return {
    ...config,
    store: given?.store?.path === undefined ? { ...store, path: join(config.data_dir, 'store') } : store,
    alerting: {
      ...alerting,
      rule_files: given?.alerting?.rule_files ?? [join(packageRoot, 'rules', '**', '*.yaml')],
      playbooks: given?.alerting?.playbooks ?? join(packageRoot, 'playbooks'),
    },
  };
}

/** The configuration file is not there or cannot be read: the call is wrong, not what it says. */
export class UnreadableConfig extends InputError {
  constructor(complaints: readonly Complaint[]) {
    super(complaints);
    this.name = 'UnreadableConfig';
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const message = errnoMeaning(error) ?? (error as Error).message;
    throw new UnreadableConfig([{ file, line: 0, column: 0, path: '', message }]);
  }
}

type Section = Readonly<Record<string, unknown>> | undefined;

/** A file whose sections have the wrong shape is left to the schema to refuse. */
function withOverrides(source: YamlSource, overrides: Overrides): YamlSource {
  const { data, listen, remoteWrite = [], elasticsearch = [], logs = [], scrape = [], query, kubeconfig } = overrides;
  const given = source.value ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) return source;
  const value: Record<string, unknown> = { ...given };
  const set = (section: string, key: string, item: unknown) =>
    (value[section] = { ...(value[section] as Section), [key]: item });
  const add = (section: string, key: string, items: readonly unknown[]) => {
    const known = (value[section] as Section)?.[key];
    if (items.length > 0) set(section, key, [...(Array.isArray(known) ? (known as unknown[]) : []), ...items]);
  };
  if (data !== undefined) value.data_dir = data;
  if (listen !== undefined) set('server', 'listen', listen);
  if (kubeconfig !== undefined) set('cluster', 'kubeconfig', kubeconfig);
  if (query !== undefined) set('alerting', 'query', { url: query });
  add(
    'ship',
    'metrics',
    remoteWrite.map((url) => ({ url })),
  );
  add(
    'ship',
    'logs',
    elasticsearch.map((url) => ({ elasticsearch: [url] })),
  );
  add('logs', 'files', logs);
  add('collect', 'scrape_configs', scrape.map(scrapeConfigOf));
  return { ...source, value };
}

/** A scrape URL as a job of its own, named by its address. */
function scrapeConfigOf(text: string): unknown {
  const url = new URL(text);
  return {
    job_name: `${url.host}${url.pathname === '/' ? '' : url.pathname}`,
    scheme: url.protocol.replace(':', ''),
    metrics_path: url.pathname === '/' ? '/metrics' : url.pathname,
    params: Object.fromEntries([...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name)])),
    static_configs: [{ targets: [url.host] }],
    ...(url.username === ''
      ? {}
      : { basic_auth: { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) } }),
  };
}
