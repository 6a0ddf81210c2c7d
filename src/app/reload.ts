import { FileWatch } from '../lib/lifecycle/file-watch.ts';
import type { Logger } from '../lib/logger.ts';
import { gauge } from '../lib/metrics.ts';
import { type ReloadPart, Reloader } from '../lib/lifecycle/reloader.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import { InputError, formatComplaint } from '../lib/schema/yaml.ts';
import type { ReloadControl } from '../model/reload.ts';
import type { Config, LoadedConfig } from './config.ts';

const successful = gauge(
  'crowsnest_config_last_reload_successful',
  'Whether the last reload of the configuration succeeded: 1 or 0.',
);
const successTime = gauge(
  'crowsnest_config_last_reload_success_timestamp_seconds',
  'When the running configuration was loaded, in seconds since the epoch.',
);

/** Milliseconds between two looks at the watched files. */
const WATCH_INTERVAL = 2000;

export interface ProcessReload extends ReloadControl, Service {
  /** The configuration that runs. */
  readonly config: () => Config;
}

export interface ProcessReloadOptions {
  readonly loaded: LoadedConfig;
  /** Files that the configuration names and whose change is taken over by itself. The configuration file is watched too. */
  readonly files: (loaded: LoadedConfig) => Promise<readonly string[]>;
  /** Asked for at each reload: parts that start late are then there. */
  readonly parts: () => readonly ReloadPart<LoadedConfig>[];
  readonly logger: Logger;
}

/** The reload of one process: by SIGHUP, `POST /-/reload` or a changed file. */
export function createReload({ loaded, files, parts, logger }: ProcessReloadOptions): ProcessReload {
  let status = { successful: true, loadedAt: Date.now() };
  const reloader = new Reloader({ current: loaded, load: () => loaded.again(), parts });
  const watch = new FileWatch({
    files: async () => [...(loaded.file === undefined ? [] : [loaded.file]), ...(await files(reloader.current))],
    interval: WATCH_INTERVAL,
    // A refusal is in the log already.
    onChange: () => reload().catch(() => {}),
  });

  function publish(): void {
    successful.set(status.successful ? 1 : 0);
    successTime.set(status.loadedAt / 1000);
  }

  async function reload(): Promise<void> {
    try {
      await reloader.reload();
      status = { successful: true, loadedAt: Date.now() };
      logger.info('configuration reloaded');
    } catch (error) {
      status = { ...status, successful: false };
      const complaints = error instanceof InputError ? error.complaints.map(formatComplaint) : [String(error)];
      for (const complaint of complaints) logger.error(`configuration not reloaded, the old one runs on: ${complaint}`);
      throw error;
    } finally {
      publish();
    }
  }

  return {
    name: 'reload',
    reload,
    status: () => status,
    config: () => reloader.current.config,
    async start() {
      publish();
      await watch.start();
    },
    async stop() {
      await watch.stop();
      await reloader.settled();
    },
  };
}
