import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './cache.ts';
import { type RunningServer, startProcess } from './process.ts';

export interface AlertmanagerOptions {
  /** The text of `alertmanager.yml`; by default one receiver that sends nothing. */
  readonly config?: string;
  readonly flags?: readonly string[];
  /** Keeps silences and the notification log over restarts when given. */
  readonly folder?: string;
  readonly port?: number;
}

const SILENT = 'route: { receiver: nothing }\nreceivers: [{ name: nothing }]\n';

/** One Alertmanager without peers. `amtool --alertmanager.url=URL` (see `findProgram('amtool')`) speaks to it. */
export function startAlertmanager(options: AlertmanagerOptions = {}): Promise<RunningServer> {
  return startProcess({
    command: findProgram('alertmanager') ?? 'alertmanager',
    readyPath: '/-/ready',
    folder: options.folder,
    port: options.port,
    args(port, folder) {
      const config = join(folder, 'alertmanager.yml');
      writeFileSync(config, options.config ?? SILENT);
      return [
        `--config.file=${config}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
        '--log.level=warn',
        ...(options.flags ?? []),
      ];
    },
  });
}
