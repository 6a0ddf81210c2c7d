import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { findFiles } from '../../lib/glob/find-files.ts';
import { Globber } from '../../lib/glob/globber.ts';
import { hasMagic } from '../../lib/glob/pattern.ts';
import { scrapeConfigFiles } from '../../collector/index.ts';
import type { LoadedConfig } from '../config.ts';

/** A pattern or path of the configuration file that no file matches now. */
export interface Unmatched {
  /** `alerting.rule_files`, or a file and a key in it. */
  readonly path: string;
  readonly pattern: string;
}

/** Returns what the user named and nothing matches. Defaults may well match nothing. */
export async function unmatchedPatterns({ config, folder, given }: LoadedConfig): Promise<Unmatched[]> {
  const globber = new Globber();
  const named: [path: string, patterns: readonly string[], found: (pattern: string) => Promise<boolean>][] = [
    ['alerting.rule_files', config.alerting.rule_files, async (pattern) => (await findFiles(pattern, folder, { hidden: true })).length > 0],
    ['alerting.playbooks', [config.alerting.playbooks], async (path) => existsSync(resolve(folder, path))],
    ['logs.files', config.logs.files.map((entry) => (typeof entry === 'string' ? entry : entry.path)), async (pattern) => globber.find(pattern).length > 0],
    ['collect.scrape_config_files', config.collect.scrape_config_files, async (pattern) => scrapeConfigFiles(resolve(folder, pattern)).length > 0],
    ...config.collect.scrape_configs.flatMap(({ file_sd_configs: configs }, job) =>
      configs.map((sd, i): (typeof named)[number] => [
        `collect.scrape_configs[${job}].file_sd_configs[${i}].files`,
        sd.files,
        async (pattern) => (await findFiles(pattern, folder, { hidden: true })).length > 0,
      ]),
    ),
  ]; // prettier-ignore
  const missing: Unmatched[] = [];
  for (const [path, patterns, found] of named) {
    if (!isGiven(given, path)) continue;
    for (const pattern of patterns) {
      // A rule file that is named in full and absent is a fault, which the check of rules names.
      if (path === 'alerting.rule_files' && !hasMagic(pattern)) continue;
      if (!(await found(pattern))) missing.push({ path, pattern });
    }
  }
  return [...missing, ...(await unmatchedTemplates(config.alerting.routing, folder))];
}

/** Patterns of the routing file's `templates`; none where it cannot be read, which is a fault that others name. */
async function unmatchedTemplates(routing: string | undefined, folder: string): Promise<Unmatched[]> {
  if (routing === undefined) return [];
  const file = resolve(folder, routing);
  // Loaded when a file is named: it brings all receivers, which an agent would hold in memory for nothing.
  const { loadRouting } = await import('../../alerting/routing/load.ts');
  const unmatched = await loadRouting(file).then(
    (loaded) => loaded.unmatched,
    () => [],
  );
  return unmatched.map((pattern) => ({ path: `${file}: templates`, pattern }));
}

function isGiven(given: unknown, path: string): boolean {
  const steps = path.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  return (
    steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | null | undefined)?.[step], given) !== undefined
  );
}
