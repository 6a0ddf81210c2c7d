import { join, resolve } from 'node:path';
import { findFiles } from '../lib/glob/find-files.ts';
import type { LoadedConfig } from './config.ts';

/** Rule files, the routing file and the playbooks: what the alerting section names. */
export async function alertingFiles({ config, folder }: LoadedConfig): Promise<string[]> {
  const { rule_files, routing, playbooks } = config.alerting;
  const patterns = [...rule_files, ...(routing === undefined ? [] : [routing]), join(playbooks, '**', '*.md')];
  const found = await Promise.all(
    patterns.map((pattern) => findFiles(resolve(folder, pattern), folder, { hidden: true })),
  );
  return found.flat();
}
