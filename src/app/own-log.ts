import { join } from 'node:path';
import { makeFolder } from '../lib/durable/make-folder.ts';

/** Where the program keeps its own log, which it follows like any other. */
export function ownLogPath({ data_dir }: { readonly data_dir: string }): string {
  return join(data_dir, 'log', 'crowsnest.log');
}

/** Makes the data folder, closed to other users: it holds log lines and queries of all users. */
export function makeDataFolder({ data_dir }: { readonly data_dir: string }): void {
  makeFolder(data_dir, 0o700);
}
