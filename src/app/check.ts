import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { loadPlaybooks } from '../alerting/playbooks.ts';
import { parseRouting } from '../alerting/routing/parse-routing.ts';
import { loadRules } from '../alerting/rules/load.ts';
import { loadScrapeConfigs } from '../collector/index.ts';
import { type Complaint, InputError } from '../lib/yaml.ts';
import { parse } from '../promql/index.ts';
import { type LoadedConfig, loadConfig } from './config.ts';

export interface CheckResult {
  /** What was looked at and found good, one line each. */
  readonly good: readonly string[];
  readonly complaints: readonly Complaint[];
}

/** Judges every file that a run with this configuration would load, with the code that would load it. */
export async function checkInstallation(file: string | undefined): Promise<CheckResult> {
  let loaded: LoadedConfig;
  try {
    loaded = loadConfig(file);
  } catch (error) {
    if (error instanceof InputError) return { good: [], complaints: error.complaints };
    throw error;
  }
  const good = [file === undefined ? 'no configuration file: all defaults' : `${file}: good`];
  const complaints: Complaint[] = [];
  for (const check of [checkTargets, checkRules, checkRouting, checkPlaybooks]) {
    const result = await check(loaded);
    good.push(...result.good);
    complaints.push(...result.complaints);
  }
  return { good, complaints };
}

async function checkTargets({ config, folder }: LoadedConfig): Promise<CheckResult> {
  const files = config.collect.scrape_config_files;
  if (files.length === 0) return { good: [], complaints: [] };
  try {
    const jobs = loadScrapeConfigs(config.collect, folder);
    return {
      good: [`${files.join(', ')}: ${jobs.length - config.collect.scrape_configs.length} jobs`],
      complaints: [],
    };
  } catch (error) {
    if (error instanceof InputError) return { good: [], complaints: error.complaints };
    throw error;
  }
}

async function checkRules({ config, folder }: LoadedConfig): Promise<CheckResult> {
  const { rule_files, evaluation_interval } = config.alerting;
  const { files, groups, complaints } = await loadRules(rule_files, folder, {
    parseExpr: parse,
    interval: evaluation_interval,
  });
  const faulty = new Set(complaints.map((complaint) => complaint.file));
  const good = files
    .filter((path) => !faulty.has(path))
    .map((path) => {
      const rules = groups.filter((group) => group.file === path).reduce((sum, group) => sum + group.rules.length, 0);
      return `${path}: ${rules} rules`;
    });
  return { good, complaints };
}

async function checkRouting({ config, folder }: LoadedConfig): Promise<CheckResult> {
  if (config.alerting.routing === undefined)
    return { good: ['no routing file: every alert goes to the console'], complaints: [] };
  const path = resolve(folder, config.alerting.routing);
  try {
    parseRouting(await readFile(path, 'utf8'), path);
    return { good: [`${path}: good`], complaints: [] };
  } catch (error) {
    if (error instanceof InputError) return { good: [], complaints: error.complaints };
    return { good: [], complaints: [{ file: path, line: 0, column: 0, path: '', message: (error as Error).message }] };
  }
}

async function checkPlaybooks({ config, folder }: LoadedConfig): Promise<CheckResult> {
  const path = resolve(folder, config.alerting.playbooks);
  const playbooks = await loadPlaybooks(path);
  return { good: [`${path}: ${playbooks.size} playbooks`], complaints: [] };
}
