import { existsSync } from 'node:fs';

/** The configuration file that is used where it lies in the folder of the call and none is named. */
export const CONFIG_FILE = 'crowsnest.yaml';

/** The file that a run with this `--config` uses; undefined: all defaults. */
export function configFile(named: string | undefined): string | undefined {
  return named ?? (existsSync(CONFIG_FILE) ? CONFIG_FILE : undefined);
}
