import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { recordingsWithoutStore } from '../../alerting/files.ts';
import { loadPlaybooks } from '../../alerting/playbooks.ts';
import { loadRouting } from '../../alerting/routing/load.ts';
import { loadRules } from '../../alerting/rules/load.ts';
import { loadScrapeConfigs } from '../../collector/index.ts';
import { InputError } from '../../lib/yaml.ts';
import { parse } from '../../promql/index.ts';
import type { LoadedConfig } from '../config.ts';
import type { CheckResult } from './result.ts';

type Found = Promise<Partial<CheckResult>>;

export async function checkDataFolder(loaded: LoadedConfig): Found {
  const { data_dir: folder } = loaded.config;
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new InputError([loaded.complain(['data_dir'], `expected a folder, ${folder} is a file`)]);
  return {};
}

export async function checkScrapeConfigs({ config, folder }: LoadedConfig): Found {
  const jobs = loadScrapeConfigs(config.collect, folder);
  const files = config.collect.scrape_config_files;
  return {
    good: files.length === 0 ? [] : [`${files.join(', ')}: ${jobs.length - config.collect.scrape_configs.length} jobs`],
  };
}

export async function checkRules({ config, folder }: LoadedConfig): Found {
  const { rule_files, evaluation_interval } = config.alerting;
  const options = { parseExpr: parse, interval: evaluation_interval };
  const rules = await loadRules(rule_files, folder, options);
  const { files, groups } = rules;
  const complaints = [...rules.complaints, ...(storesRecordings(config) ? [] : recordingsWithoutStore(rules))];
  const faulty = new Set(complaints.map((complaint) => complaint.file));
  const good = files
    .filter((path) => !faulty.has(path))
    .map((path) => {
      const count = groups.filter((group) => group.file === path).reduce((sum, group) => sum + group.rules.length, 0);
      return `${path}: ${count} rules`;
    });
  return { good, complaints };
}

/** Only `alerts` reads `alerting.query`, and it has no store of its own. */
function storesRecordings({ alerting, ship }: LoadedConfig['config']): boolean {
  return alerting.query === undefined || ship.metrics.length > 0;
}

export async function checkRouting({ config, folder }: LoadedConfig): Found {
  if (config.alerting.routing === undefined) return { good: ['no routing file: every alert goes to the console'] };
  const path = resolve(folder, config.alerting.routing);
  await loadRouting(path);
  return { good: [`${path}: good`] };
}

export async function checkPlaybooks({ config, folder }: LoadedConfig): Found {
  const path = resolve(folder, config.alerting.playbooks);
  const playbooks = await loadPlaybooks(path);
  return { good: [`${path}: ${playbooks.size} playbooks`] };
}
