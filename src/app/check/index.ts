import { errnoMeaning } from '../../lib/errno.ts';
import { InputError } from '../../lib/yaml.ts';
import { UnreadableConfig, loadConfig } from '../config.ts';
import { checkFileOfAnyKind } from './any-file.ts';
import { checkListen } from './listen.ts';
import { checkDataFolder, checkPlaybooks, checkRouting, checkRules, checkScrapeConfigs } from './parts.ts';
import type { CheckResult } from './result.ts';
import { checkSecretFiles } from './secret-files.ts';
import { unmatchedPatterns } from './unmatched.ts';

/** Checks every file that a run with this configuration would load, with the code that would load it. */
export async function checkInstallation(file: string | undefined): Promise<CheckResult> {
  const other = file === undefined ? undefined : await checkFileOfAnyKind(file);
  if (other !== undefined) return other;
  try {
    const loaded = loadConfig(file);
    const checks = [
      checkDataFolder, checkScrapeConfigs, checkRules, checkRouting, checkPlaybooks, checkSecretFiles, checkListen, unmatched,
    ]; // prettier-ignore
    const results: Partial<CheckResult>[] = [
      { good: [loaded.file === undefined ? 'no configuration file: all defaults' : `${loaded.file}: good`] },
    ];
    for (const check of checks) results.push(await attempt(() => check(loaded)));
    return joined(results);
  } catch (error) {
    if (error instanceof InputError && !(error instanceof UnreadableConfig))
      return joined([{ complaints: error.complaints }]);
    throw error;
  }
}

async function unmatched(loaded: Parameters<typeof unmatchedPatterns>[0]): Promise<Partial<CheckResult>> {
  return {
    warnings: (await unmatchedPatterns(loaded)).map(({ path, pattern }) => `${path}: nothing matches ${pattern}`),
  };
}

/** A check that fails becomes its complaints. */
async function attempt(check: () => Promise<Partial<CheckResult>>): Promise<Partial<CheckResult>> {
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
