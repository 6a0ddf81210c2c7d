import closeWithGrace from 'close-with-grace';
import { loadConfig, type LoadedConfig, type Overrides } from '../app/config.ts';
import { makeDataFolder, ownLogPath } from '../app/own-log.ts';
import { type Logger, createLogger } from '../lib/logger.ts';
import { RotatingFile } from '../lib/rotating-file.ts';
import { Ticker } from '../lib/ticker.ts';
import { openOrExit } from './exit.ts';

/** A stop must end within this many milliseconds, whatever hangs. */
export const STOP_WITHIN = 10_000;

/** A door that is open: where it answers, and one line on what it does. */
export interface OpenDoor {
  readonly url: string;
  status(): Promise<string> | string;
  stop(): Promise<void>;
}

/** Runs a door as a service runs: JSON lines on standard error, a status line a minute, a stop on SIGTERM and Ctrl-C. */
export async function runDoor(
  name: string,
  flags: Overrides & { readonly config?: string },
  open: (loaded: LoadedConfig, logger: Logger) => Promise<OpenDoor>,
): Promise<void> {
  const loaded = loadConfig(flags.config, flags);
  makeDataFolder(loaded.config);
  const logger = createLogger({
    level: loaded.config.log_level,
    to: [process.stderr, new RotatingFile(ownLogPath(loaded.config))],
  });
  const door = await openOrExit(() => open(loaded, logger));
  console.log(`crowsnest ${name} answers at ${door.url}`);
  logger.info({ door: name, url: door.url, data: loaded.config.data_dir }, 'started');
  const line = new Ticker({ interval: 60_000 }, async () => logger.info({ status: await door.status() }, 'running'));
  line.start();
  stopOnSignal(logger, async () => {
    await line.stop();
    await door.stop();
  });
}

/** A second signal, or a stop that takes too long, ends the process at once. */
export function stopOnSignal(logger: Logger, stop: () => Promise<void>): void {
  closeWithGrace({ delay: STOP_WITHIN, logger: false }, async ({ signal, err }) => {
    if (err !== undefined) logger.fatal({ err }, 'stopping after an error that nothing caught');
    else logger.info({ signal }, 'stopping');
    try {
      await stop();
      logger.info('stopped');
    } catch (error) {
      logger.error({ err: error }, 'did not stop clean');
    }
  });
}
