import { findProgram } from './cache.ts';
import { type RunningServer, startProcess } from './process.ts';

/** node_exporter on the live machine, with its default collectors unless `flags` say otherwise. */
export function startNodeExporter(flags: readonly string[] = []): Promise<RunningServer> {
  return startProcess({
    command: findProgram('node_exporter') ?? 'node_exporter',
    readyPath: '/',
    args: (port) => [`--web.listen-address=127.0.0.1:${port}`, ...flags],
  });
}
