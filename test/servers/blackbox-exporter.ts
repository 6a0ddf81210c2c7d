import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './cache.ts';
import { type RunningServer, startProcess } from './process.ts';

/** blackbox_exporter with the given text of a `blackbox.yml`. */
export function startBlackboxExporter(modules: string): Promise<RunningServer> {
  return startProcess({
    command: findProgram('prometheus-blackbox-exporter') ?? 'prometheus-blackbox-exporter',
    readyPath: '/-/healthy',
    args(port, folder) {
      const file = join(folder, 'blackbox.yml');
      writeFileSync(file, modules);
      return [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`];
    },
  });
}
