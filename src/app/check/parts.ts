import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { recordingsWithoutStore } from '../../alerting/files.ts';
import { loadPlaybooks } from '../../alerting/playbooks.ts';
import { loadRouting } from '../../alerting/routing/load.ts';
import { type Routing, consoleRouting } from '../../alerting/routing/routing.ts';
import { loadRules } from '../../alerting/rules/load.ts';
import { reportFaults } from '../../alerting/slo/report/due.ts';
import { NO_NODE, loadScrapeConfigs } from '../../collector/index.ts';
import { inClusterAccess, kubeconfigAccess, kubernetesNode } from '../../kubernetes/index.ts';
import { errnoMeaning } from '../../lib/durable/errno.ts';
import { type Complaint, InputError } from '../../lib/schema/yaml.ts';
import { parse } from '../../promql/index.ts';
import type { LoadedConfig } from '../config.ts';
import { loadModules, probeFile } from '../probing.ts';
import type { Finding, Process } from './result.ts';

type Found = Promise<Finding>;

/** Whether a run could write there; a folder that is missing is made by the run, in the nearest one above that exists. */
export async function checkDataFolder(loaded: LoadedConfig): Found {
  const { data_dir: folder } = loaded.config;
  let nearest = resolve(folder);
  while (!existsSync(nearest)) nearest = dirname(nearest);
  const complain = (message: string) => new InputError([loaded.complain(['data_dir'], message)]);
  if (!statSync(nearest).isDirectory())
    throw complain(`expected a folder, ${nearest === resolve(folder) ? folder : nearest} is a file`);
  try {
    accessSync(nearest, constants.W_OK);
  } catch (error) {
    throw complain(`${folder}: cannot write to ${nearest}: ${errnoMeaning(error) ?? String(error)}`);
  }
  return {};
}

export async function checkScrapeConfigs({ config, folder }: LoadedConfig): Found {
  const jobs = loadScrapeConfigs(config.collect, folder);
  const files = config.collect.scrape_config_files;
  return {
    good: files.length === 0 ? [] : [`${files.join(', ')}: ${jobs.length - config.collect.scrape_configs.length} jobs`],
  };
}

/** What is asked for on a node of Kubernetes, where this is none. `alerts` and `server` collect nothing. */
export async function checkKubernetes(loaded: LoadedConfig): Found {
  const { collect, kubernetes } = loaded.config;
  if (kubernetesNode(kubernetes) !== undefined) return {};
  const asked = (['kubelet', 'pods'] as const).filter((name) => collect[name].enabled === true);
  const complaints = asked.map((name) => loaded.complain(['collect', name, 'enabled'], NO_NODE));
  return complaints.length === 0 ? {} : { refusals: { up: complaints, agent: complaints } };
}

/** The kubeconfig of `crowsnest cluster`, which no other command reads. */
export async function checkKubeconfig(loaded: LoadedConfig): Found {
  const { kubeconfig } = loaded.config.cluster;
  if (kubeconfig === undefined) return {};
  const complaints = clusterAccessFaults(loaded, () => kubeconfigAccess(resolve(loaded.folder, kubeconfig)));
  return complaints.length === 0 ? {} : { refusals: { cluster: complaints } };
}

function clusterAccessFaults(loaded: LoadedConfig, access: () => unknown): Complaint[] {
  try {
    access();
    return [];
  } catch (error) {
    const atKey = (message: string) => loaded.complain(['cluster', 'kubeconfig'], message);
    if (!(error instanceof InputError)) return [atKey((error as Error).message)];
    // A fault within the kubeconfig has its own line; a file that cannot be read has none.
    return error.complaints.map((fault) => (fault.line > 0 ? fault : atKey(`${fault.file}: ${fault.message}`)));
  }
}

/** The module file of black-box probes. */
export async function checkProbes(loaded: LoadedConfig): Found {
  const file = probeFile(loaded);
  if (file === undefined) return {};
  requireFile(loaded, ['collect', 'probe_modules'], file);
  return { good: [`${file}: ${Object.keys(await loadModules(loaded)).length} probe modules`] };
}

/** @throws {InputError} at the key that names a file which is not there. */
function requireFile(loaded: LoadedConfig, key: string[], file: string): void {
  if (!existsSync(file)) throw new InputError([loaded.complain(key, `${file}: no such file`)]);
}

export async function checkRules(loaded: LoadedConfig): Found {
  const { config, folder } = loaded;
  const { rule_files, evaluation_interval } = config.alerting;
  const options = { parseExpr: parse, interval: evaluation_interval };
  const rules = await loadRules(rule_files, folder, options);
  const { files, groups } = rules;
  const complaints = rules.complaints.map((complaint) => {
    const named = rule_files.indexOf(complaint.file);
    // What was not found has the name that the configuration gives it, and no line.
    return named === -1 || complaint.line > 0 || existsSync(resolve(folder, complaint.file))
      ? complaint
      : loaded.complain(['alerting', 'rule_files', named], `${complaint.file}: ${complaint.message}`);
  });
  const faulty = new Set(complaints.map((complaint) => complaint.file));
  const good = files
    .filter((path) => !faulty.has(path))
    .map((path) => {
      const count = groups.filter((group) => group.file === path).reduce((sum, group) => sum + group.rules.length, 0);
      return `${path}: ${count} rules`;
    });
  return { good, complaints, refusals: storesRecordings(config) ? {} : { alerts: recordingsWithoutStore(rules) } };
}

/** Only `alerts` reads `alerting.query`, and it has no store of its own. */
function storesRecordings({ alerting, ship }: LoadedConfig['config']): boolean {
  return alerting.query === undefined || ship.metrics.length > 0;
}

/** What a command needs that others do without. */
export async function checkNeeds(loaded: LoadedConfig, process: Process): Found {
  const { ship, alerting } = loaded.config;
  if (process === 'agent' && ship.metrics.length + ship.logs.length === 0)
    return {
      complaints: [loaded.complain(['ship'], 'agent ships elsewhere: name a place under ship.metrics or ship.logs')],
    };
  if (process === 'cluster' && loaded.config.cluster.kubeconfig === undefined)
    return { complaints: clusterAccessFaults(loaded, inClusterAccess) };
  if (process === 'alerts' && alerting.query === undefined)
    return {
      complaints: [loaded.complain(['alerting', 'query'], 'alerts evaluates on a Prometheus API: name its URL')],
    };
  return {};
}

export async function checkRouting(loaded: LoadedConfig): Found {
  const { config, folder } = loaded;
  const { routing: file, reports } = config.alerting;
  if (file === undefined)
    return {
      good: ['no routing file: every alert goes to the console'],
      complaints: reportComplaints(loaded, consoleRouting()),
    };
  const path = resolve(folder, file);
  requireFile(loaded, ['alerting', 'routing'], path);
  const { routing } = await loadRouting(path);
  const sent = reports.length === 0 ? [] : [`${reports.length} reports on objectives, mailed on schedule`];
  return { good: [`${path}: good`, ...sent], complaints: reportComplaints(loaded, routing) };
}

function reportComplaints(loaded: LoadedConfig, routing: Routing): Complaint[] {
  return reportFaults(loaded.config.alerting.reports, routing).map(({ path, message }) =>
    loaded.complain(['alerting', 'reports', ...path], message),
  );
}

export async function checkPlaybooks({ config, folder }: LoadedConfig): Found {
  const path = resolve(folder, config.alerting.playbooks);
  const playbooks = await loadPlaybooks(path);
  return { good: [`${path}: ${playbooks.size} playbooks`] };
}
