import { existsSync } from 'node:fs';

/** The name of the configuration file that is looked for in the working directory when no `--config` is given. */
export const CONFIG_FILE = 'crowsnest.yaml';

/** Returns the file that a run with this `--config` reads; undefined where it runs on defaults. */
export function configFile(named: string | undefined): string | undefined {
  return named ?? (existsSync(CONFIG_FILE) ? CONFIG_FILE : undefined);
}
