import { errnoMeaning } from '../../lib/durable/errno.ts';
import { InputError, formatComplaint } from '../../lib/schema/yaml.ts';
import { UnreadableConfig, loadConfig } from '../config.ts';
import { checkFileOfAnyKind } from './any-file.ts';
import { checkListen } from './listen.ts';
import {
  checkDataFolder,
  checkKubeconfig,
  checkKubernetes,
  checkNeeds,
  checkPlaybooks,
  checkProbes,
  checkRouting,
  checkRules,
  checkScrapeConfigs,
} from './parts.ts';
import { type CheckResult, type Finding, PROCESSES, type Process } from './result.ts';
import { checkSecretFiles } from './secret-files.ts';
import { unmatchedPatterns } from './unmatched.ts';

/**
 * Checks every file that a run with this configuration would load, with the code that would load it.
 *
 * @param process the command that would run; without one, what only some commands refuse is a warning that names them
 */
export async function checkInstallation(file: string | undefined, process?: Process): Promise<CheckResult> {
  const other = file === undefined ? undefined : await checkFileOfAnyKind(file);
  if (other !== undefined) return other;
  try {
    const loaded = loadConfig(file);
    const checks = [
      checkDataFolder, checkKubernetes, checkKubeconfig, checkScrapeConfigs, checkProbes, checkRules, checkRouting, checkPlaybooks, checkSecretFiles, checkListen, unmatched,
    ]; // prettier-ignore
    const results: Finding[] = [
      { good: [loaded.file === undefined ? 'no configuration file: all defaults' : `${loaded.file}: good`] },
    ];
    for (const check of checks) results.push(await attempt(() => check(loaded)));
    if (process !== undefined) results.push(await checkNeeds(loaded, process));
    return withoutFaulty(joined(results.map((finding) => forProcess(finding, process))), loaded.file);
  } catch (error) {
    if (error instanceof InputError && !(error instanceof UnreadableConfig))
      return joined([{ complaints: error.complaints }]);
    throw error;
  }
}

/** The result without the line that calls the configuration file good, where a later check found a fault in it. */
function withoutFaulty(result: CheckResult, file: string | undefined): CheckResult {
  const faulty = file !== undefined && result.complaints.some((complaint) => complaint.file === file);
  return faulty ? { ...result, good: result.good.filter((line) => line !== `${file}: good`) } : result;
}

async function unmatched(loaded: Parameters<typeof unmatchedPatterns>[0]): Promise<Partial<CheckResult>> {
  return {
    warnings: (await unmatchedPatterns(loaded)).map(({ path, pattern }) => `${path}: nothing matches ${pattern}`),
  };
}

/** Makes what some commands refuse complaints for the command in question, and warnings where none is. */
function forProcess({ refusals = {}, ...finding }: Finding, process: Process | undefined): Partial<CheckResult> {
  if (process !== undefined) {
    const { complaints = [] } = finding;
    return { ...finding, complaints: [...complaints, ...(refusals[process] ?? [])] };
  }
  const others = PROCESSES.filter((name) => refusals[name] === undefined).join(', ');
  const warnings = Object.entries(refusals).flatMap(([name, complaints]) =>
    complaints.map((complaint) => `${formatComplaint(complaint)} (\`${name}\` refuses it; ${others} do not)`),
  );
  return { ...finding, warnings: [...(finding.warnings ?? []), ...warnings] };
}

/** A check that fails becomes its complaints. */
async function attempt(check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof InputError) return { complaints: error.complaints };
    const meaning = errnoMeaning(error);
    if (meaning === undefined) throw error;
    const { path = '' } = error as NodeJS.ErrnoException;
    return { complaints: [{ file: path, line: 0, column: 0, path: '', message: meaning }] };
  }
}

function joined(results: readonly Partial<CheckResult>[]): CheckResult {
  return {
    good: results.flatMap(({ good = [] }) => good),
    warnings: results.flatMap(({ warnings = [] }) => warnings),
    complaints: results.flatMap(({ complaints = [] }) => complaints),
  };
}
