import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadRouting } from '../../alerting/routing/load.ts';
import { loadRules } from '../../alerting/rules/load.ts';
import { loadScrapeConfigs } from '../../collector/index.ts';
import { loadProbeModules } from '../../collector/probe/index.ts';
import { InputError, parseYaml } from '../../lib/schema/yaml.ts';
import { parse } from '../../promql/index.ts';
import { type Config, configSchema } from '../config.ts';
import type { CheckResult } from './result.ts';

type Checker = (file: string) => Promise<CheckResult>;

/** Kinds of files by a key that only they have; `apiVersion` is of Kubernetes objects and of OpenSLO. */
const KINDS: readonly (readonly [key: string, check: Checker])[] = [
  ['slos', checkRuleFile],
  ['apiVersion', checkRuleFile],
  ['groups', checkRuleFile],
  ['route', checkRoutingFile],
  ['receivers', checkRoutingFile],
  ['tests', refuseTests],
  ['modules', checkModuleFile],
  ['scrape_configs', checkPrometheusFile],
  ['global', checkPrometheusFile],
];

/**
 * Checks an `alertmanager.yml`, a `prometheus.yml`, a `blackbox.yml`, a rule file or a file of objectives; the kind follows from the content. Returns
 * undefined for a configuration of crowsnest and for an unknown kind, which its loader refuses.
 */
export async function checkFileOfAnyKind(file: string): Promise<CheckResult | undefined> {
  const keys = keysOf(file);
  if (keys.some((key) => key in configSchema.shape)) return undefined;
  const check = KINDS.find(([key]) => keys.includes(key))?.[1];
  if (check === undefined) return undefined;
  try {
    return await check(file);
  } catch (error) {
    if (error instanceof InputError) return { good: [], warnings: [], complaints: error.complaints };
    throw error;
  }
}

/** The keys of a file that can be read and parsed; none otherwise. */
function keysOf(file: string): string[] {
  try {
    const { value } = parseYaml(readFileSync(file, 'utf8'), file);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

async function checkRuleFile(file: string): Promise<CheckResult> {
  const { alerting } = defaults();
  const options = { parseExpr: parse, interval: alerting.evaluation_interval };
  const { groups, complaints } = await loadRules([resolve(file)], process.cwd(), options);
  if (complaints.length > 0) return { good: [], warnings: [], complaints };
  const rules = groups.reduce((sum, group) => sum + group.rules.length, 0);
  return good(`${file}: a rule file, ${rules} rules`);
}

async function checkRoutingFile(file: string): Promise<CheckResult> {
  const { routing, unmatched } = await loadRouting(file);
  return {
    ...good(`${file}: a routing file, ${routing.receivers.size} receivers`),
    warnings: unmatched.map((pattern) => `${file}: templates: nothing matches ${pattern}`),
  };
}

async function checkPrometheusFile(file: string): Promise<CheckResult> {
  const { collect } = defaults();
  const jobs = loadScrapeConfigs({ ...collect, scrape_config_files: [resolve(file)] }, process.cwd());
  return good(`${file}: a prometheus.yml, ${jobs.length} jobs; crowsnest reads its scrape configs`);
}

async function checkModuleFile(file: string): Promise<CheckResult> {
  return good(`${file}: a file of probe modules, ${Object.keys(loadProbeModules(file)).length} of them`);
}

async function refuseTests(file: string): Promise<CheckResult> {
  const message = `holds tests of rules: \`crowsnest test rules ${file}\` runs them`;
  throw new InputError([{ file, line: 0, column: 0, path: 'tests', message }]);
}

function good(line: string): CheckResult {
  return { good: [line], warnings: [], complaints: [] };
}

function defaults(): Config {
  return configSchema.parse({});
}
