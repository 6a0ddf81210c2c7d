import { resolve } from 'node:path';
import { InputError, type Complaint } from '../lib/schema/yaml.ts';
import { parse } from '../promql/index.ts';
import type { AlertingConfig } from './config.ts';
import { type Playbooks, loadPlaybooks } from './playbooks.ts';
import { BUILT_IN_TEMPLATES } from './receivers/templates.ts';
import { type LoadedRouting, loadRouting } from './routing/load.ts';
import { consoleRouting } from './routing/routing.ts';
import { type LoadedRules, loadRules } from './rules/load.ts';
import { reportFaults } from './slo/report/due.ts';

/** What the configuration names: rules, routing with its templates, playbooks. */
export interface AlertingFiles {
  readonly rules: LoadedRules;
  readonly routing: LoadedRouting;
  readonly playbooks: Playbooks;
}

export interface FileSources {
  readonly config: AlertingConfig;
  /** Folder of the configuration file: what relative paths start at. */
  readonly configDir: string;
  /** Whether there is a place to write recordings to. */
  readonly writes: boolean;
}

/**
 * Reads them all. Rule files with faults are left out; their complaints are in `rules`.
 * @throws {InputError} for a routing file or a template that cannot be used, and for recordings that nobody would store.
 */
export async function loadFiles({ config, configDir, writes }: FileSources): Promise<AlertingFiles> {
  const rules = await loadRules(config.rule_files, configDir, {
    parseExpr: parse,
    interval: config.evaluation_interval,
  });
  const complaints: Complaint[] = writes ? [] : recordingsWithoutStore(rules);
  const routing = await loadRoutingOf(config, configDir).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    complaints.push(...error.complaints);
  });
  if (routing !== undefined) complaints.push(...reportComplaints(config, routing));
  if (routing === undefined || complaints.length > 0) throw new InputError(complaints);
  return { rules, routing, playbooks: await loadPlaybooks(resolve(configDir, config.playbooks)) };
}

function reportComplaints({ reports }: AlertingConfig, { routing }: LoadedRouting): Complaint[] {
  return reportFaults(reports, routing).map(({ path, message }) => {
    const place = ['alerting', 'reports', ...path].join('.');
    return { file: 'configuration', line: 0, column: 0, path: place, message };
  });
}

async function loadRoutingOf({ routing }: AlertingConfig, configDir: string): Promise<LoadedRouting> {
  if (routing !== undefined) return loadRouting(resolve(configDir, routing));
  return { routing: consoleRouting(), templates: BUILT_IN_TEMPLATES, shown: undefined, unmatched: [] };
}

/** A recording that is written nowhere leaves every alert on it silent. */
export function recordingsWithoutStore({ groups }: LoadedRules): Complaint[] {
  return groups.flatMap(({ file, rules }) =>
    rules.flatMap((rule): Complaint[] =>
      rule.kind === 'alerting'
        ? []
        : [
            {
              file,
              line: rule.line,
              column: 0,
              path: '',
              message: `the recording rule ${rule.record} has no place to write to: set ship.metrics, or let the server of alerting.query evaluate it`,
            },
          ],
    ),
  );
}
