import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the program keeps its own log, which it follows like any other. */
export function ownLogPath({ data_dir }: { readonly data_dir: string }): string {
  return join(data_dir, 'log', 'crowsnest.log');
}

/** Makes the data folder, closed to other users: it holds log lines and queries of everybody. */
export function makeDataFolder({ data_dir }: { readonly data_dir: string }): void {
  mkdirSync(data_dir, { recursive: true, mode: 0o700 });
}
