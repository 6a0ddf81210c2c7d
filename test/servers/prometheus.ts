import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './cache.ts';
import { type RunningServer, startProcess } from './process.ts';

export interface PrometheusOptions {
  /** The text of prometheus.yml. */
  readonly config?: string;
  readonly flags?: readonly string[];
  /** Of the features behind a flag, those to leave off. */
  readonly without?: readonly string[];
  /** To start again on the data of before, at the same address. */
  readonly folder?: string;
  readonly port?: number;
}

/** Every feature of PromQL that 3.15 has behind a flag. */
const FEATURES = [
  'promql-experimental-functions',
  'promql-duration-expr',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
  'promql-per-step-stats',
  'exemplar-storage',
  'promql-delayed-name-removal',
];

/** Prometheus 3 that takes remote write (native histograms and out-of-order samples included). */
export function startPrometheus(options: PrometheusOptions = {}): Promise<RunningServer> {
  return startProcess({
    command: findProgram('prometheus') ?? 'prometheus',
    readyPath: '/-/ready',
    folder: options.folder,
    port: options.port,
    args(port, folder) {
      const config = join(folder, 'prometheus.yml');
      writeFileSync(config, options.config ?? 'global: {}\n');
      return [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-remote-write-receiver',
        '--web.enable-lifecycle',
        '--web.enable-admin-api',
        `--enable-feature=${FEATURES.filter((name) => !options.without?.includes(name)).join(',')}`,
        '--log.level=warn',
        ...(options.flags ?? []),
      ];
    },
  });
}
