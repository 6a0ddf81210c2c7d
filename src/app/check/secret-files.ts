import { readFileSync } from 'node:fs';
import { loadScrapeConfigs } from '../../collector/index.ts';
import { errnoMeaning } from '../../lib/durable/errno.ts';
import type { Complaint, Path } from '../../lib/schema/yaml.ts';
import type { LoadedConfig } from '../config.ts';
import type { CheckResult } from './result.ts';

interface SecretFile {
  readonly path: Path;
  readonly file: string;
}

/** Files that hold tokens, passwords, headers, certificates and keys: a run could not authenticate without them. */
export async function checkSecretFiles(loaded: LoadedConfig): Promise<Partial<CheckResult>> {
  const { config, folder } = loaded;
  const { collect, ...others } = config;
  // Paths in scrape configs start from their own files' folders; all others are taken as they are.
  const inJobs = loadScrapeConfigs(collect, folder).flatMap((job, i) => {
    const place: Path =
      i < collect.scrape_configs.length ? ['collect', 'scrape_configs', i] : ['collect', 'scrape_config_files'];
    return secretFiles(job, i < collect.scrape_configs.length ? place : []).map((found) => ({
      ...found,
      path: i < collect.scrape_configs.length ? found.path : place,
    }));
  });
  const complaints = [...secretFiles(others, []), ...inJobs]
    .map(({ path, file }) => unreadable(loaded, path, file))
    .filter((complaint) => complaint !== undefined);
  return { complaints };
}

function unreadable(loaded: LoadedConfig, path: Path, file: string): Complaint | undefined {
  try {
    return readFileSync(file, 'utf8').trim() === '' ? loaded.complain(path, `${file}: is empty`) : undefined;
  } catch (error) {
    return loaded.complain(path, `${file}: ${errnoMeaning(error) ?? (error as Error).message}`);
  }
}

const NAMES = /^(file|\w+_file)$/;

/** Every value under `file`, `*_file`, or the `files` of a header. */
function secretFiles(value: unknown, path: Path): SecretFile[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => secretFiles(item, [...path, i]));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    const here = [...path, key];
    if (typeof item === 'string' && NAMES.test(key)) return [{ path: here, file: item }];
    if (key === 'files' && path.at(-2) === 'http_headers' && Array.isArray(item))
      return item.map((file: unknown, i) => ({ path: [...here, i], file: String(file) }));
    return secretFiles(item, here);
  });
}
