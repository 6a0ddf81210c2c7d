import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './cache.ts';
import { type RunningServer, startProcess } from './process.ts';

/** VictoriaMetrics, single node: a second API of Prometheus' kind. */
export function startVictoriaMetrics(): Promise<RunningServer> {
  return startProcess({
    command: findProgram('victoria-metrics') ?? 'victoria-metrics',
    readyPath: '/health',
    args: (port, folder) => [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${join(folder, 'data')}`,
      '-search.latencyOffset=0s',
      '-search.disableCache',
    ],
  });
}

/** vmalert: evaluates the rules against `query` and writes what they give to `write`. Both are base URLs. */
export function startVmalert(rules: string, query: string, write: string): Promise<RunningServer> {
  return startProcess({
    command: findProgram('vmalert') ?? 'vmalert',
    readyPath: '/health',
    args(port, folder) {
      writeFileSync(join(folder, 'rules.yaml'), rules);
      return [
        `-httpListenAddr=127.0.0.1:${port}`,
        `-rule=${join(folder, 'rules.yaml')}`,
        `-datasource.url=${query}`,
        `-remoteWrite.url=${write}`,
        `-remoteRead.url=${query}`,
        // It insists on one; nobody listens there.
        '-notifier.url=http://127.0.0.1:1',
        '-evaluationInterval=1s',
        '-remoteWrite.flushInterval=200ms',
      ];
    },
  });
}
