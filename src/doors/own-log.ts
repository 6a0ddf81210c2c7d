import { join } from 'node:path';

/** Where the program keeps its own log, which it follows like any other. */
export function ownLogPath({ data_dir }: { readonly data_dir: string }): string {
  return join(data_dir, 'log', 'crowsnest.log');
}
