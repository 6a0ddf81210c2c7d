import closeWithGrace from 'close-with-grace';
import { loadConfig, type LoadedConfig } from '../app/config.ts';
import type { Overrides } from '../app/flags.ts';
import { makeDataFolder, ownLogPath } from '../app/own-log.ts';
import { type Logger, createLogger } from '../lib/logger.ts';
import { RotatingFile } from '../lib/durable/rotating-file.ts';
import { Ticker } from '../lib/time/ticker.ts';
import { startOrExit } from './exit.ts';

/** A stop must end within this many milliseconds, whatever hangs. */
export const STOP_WITHIN = 10_000;

/** What the long-running commands start: its address, one line of figures, and how to stop it. */
export interface RunningProcess {
  readonly url: string;
  status(): Promise<string> | string;
  readonly reload: () => Promise<void>;
  stop(): Promise<void>;
}

/** Runs an entry point of app/ as a service: JSON lines on standard error, a status line a minute, a stop on SIGTERM and Ctrl-C. */
export async function runProcess(
  name: string,
  flags: Overrides & { readonly config?: string },
  start: (loaded: LoadedConfig, logger: Logger) => Promise<RunningProcess>,
): Promise<void> {
  const loaded = loadConfig(flags.config, flags);
  makeDataFolder(loaded.config);
  const logger = createLogger({
    level: loaded.config.log_level,
    to: [process.stderr, new RotatingFile(ownLogPath(loaded.config))],
  });
  const hangUp = reloadOnHangUp();
  const running = await startOrExit(() => start(loaded, logger));
  console.log(`crowsnest ${name} answers at ${running.url}`);
  logger.info(
    { process: name, url: running.url, config: loaded.file ?? 'all defaults', data: loaded.config.data_dir },
    'started',
  );
  const line = new Ticker({ interval: 60_000 }, async () => logger.info({ status: await running.status() }, 'running'));
  line.start();
  hangUp.ready(running.reload);
  await warnOfUnmatched(loaded, logger);
  stopOnSignal(logger, async () => {
    await line.stop();
    await running.stop();
  });
}

/** A second signal, or a stop that takes too long, ends the process at once. */
export function stopOnSignal(logger: Logger, stop: () => Promise<void>): void {
  closeWithGrace({ delay: STOP_WITHIN, logger: false, skip: ['SIGHUP'] }, async ({ signal, err }) => {
    if (err !== undefined) logger.fatal({ err }, 'stopping after an uncaught error');
    else logger.info({ signal }, 'stopping');
    try {
      await stop();
      logger.info('stopped');
    } catch (error) {
      logger.error({ err: error }, 'did not stop cleanly');
    }
  });
}

/** SIGHUP reloads the configuration; one that comes during the start is remembered. A refusal is in the log. */
export function reloadOnHangUp(): { ready(reload: () => Promise<void>): void } {
  let pending = false;
  let act = () => {
    pending = true;
  };
  process.on('SIGHUP', () => act());
  return {
    ready(reload) {
      act = () => void reload().catch(() => {});
      if (pending) act();
    },
  };
}

/** Logs one warning for each pattern or path of the configuration that matches nothing. */
export async function warnOfUnmatched(loaded: LoadedConfig, logger: Logger): Promise<void> {
  const { unmatchedPatterns } = await import('../app/check/unmatched.ts');
  for (const { path, pattern } of await unmatchedPatterns(loaded)) logger.warn(`${path}: nothing matches ${pattern}`);
}
