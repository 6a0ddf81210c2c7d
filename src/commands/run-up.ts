import { relative, resolve } from 'node:path';
import { colours } from './colours.ts';
import { loadConfig } from '../app/config.ts';
import type { Overrides } from '../app/flags.ts';
import { makeDataFolder, ownLogPath } from '../app/own-log.ts';
import type { Overview } from '../app/status/overview.ts';
import { startUp } from '../app/up.ts';
import { createLogger } from '../lib/logger.ts';
import { version } from '../lib/package-root.ts';
import { printableLine, printableText } from '../lib/text/printable.ts';
import { RotatingFile } from '../lib/durable/rotating-file.ts';
import { Ticker } from '../lib/time/ticker.ts';
import { startOrExit } from './exit.ts';
import { reloadOnHangUp, stopOnSignal, warnOfUnmatched } from './run-process.ts';
import { StatusLine } from './status-line.ts';

/** `crowsnest up` on a terminal: says what runs and where to look, then keeps one line of figures. */
export async function runUp(flags: Overrides & { readonly config?: string; readonly demo?: boolean }): Promise<void> {
  const loaded = loadConfig(flags.config, flags);
  const { config } = loaded;
  makeDataFolder(config);
  const line = new StatusLine(process.stdout);
  const logger = createLogger({
    level: config.log_level,
    to: [new RotatingFile(ownLogPath(config)), { write: (text) => line.sayTrouble(text) }],
  });
  line.say(
    `${colours.bold('crowsnest')} ${version} · ${loaded.file ?? 'all defaults'} · data in ${shortPath(config.data_dir)} · ctrl-c stops`,
  );

  const hangUp = reloadOnHangUp();
  const running = await startOrExit(() =>
    startUp(loaded, logger, {
      demo: flags.demo ?? false,
      print: (text) => line.say(`\n${printableText(text.trimEnd())}\n`),
    }),
  );
  hangUp.ready(running.reload);
  await running.firstRound();
  for (const part of (await running.overview()).parts) line.say(partLine(part));
  line.say(`  ${'console'.padEnd(15)} ${colours.cyan(running.url)}`);
  line.say(`  ${'prometheus api'.padEnd(15)} ${colours.cyan(`${running.url}/api/v1`)}`);
  await warnOfUnmatched(loaded, logger);
  for (const hint of running.hints) line.say(`  ${hint}`);

  const figures = new Ticker({ interval: line.interval }, async () =>
    line.update(statusText(await running.overview())),
  );
  figures.start();
  stopOnSignal(logger, async () => {
    await figures.stop();
    line.clear();
    line.say('stopping …');
    await running.stop();
    line.say('stopped');
  });
}

/** From here where that is below here, whole otherwise. */
function shortPath(path: string): string {
  const fromHere = relative('', path);
  return fromHere.startsWith('..') ? resolve(path) : fromHere || '.';
}

function partLine({ name, words, attention }: Overview['parts'][number]): string {
  const mark = attention === '' ? colours.green('✓') : colours.yellow('!');
  return `  ${mark} ${name.padEnd(15)} ${words}${attention === '' ? '' : colours.yellow(`  → ${printableLine(attention)}`)}`;
}

function statusText({
  series,
  samplesPerSecond,
  linesPerSecond,
  rules,
  alertsFiring,
  storeBytes,
  lagSeconds,
  rss,
}: Overview): string {
  return [
    `${series} series`,
    `${Math.round(samplesPerSecond)} samples/s`,
    `${Math.round(linesPerSecond)} lines/s`,
    `${rules} rules`,
    alertsFiring > 0 ? colours.red(`${alertsFiring} firing`) : '0 firing',
    `store ${(storeBytes / 1e6).toFixed(1)} MB`,
    `lag ${lagSeconds.toFixed(1)} s`,
    `${Math.round(rss / 1e6)} MB`,
  ].join(' · ');
}
