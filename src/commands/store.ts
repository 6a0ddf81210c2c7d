import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { describeErrno } from '../lib/durable/errno.ts';
import type { StoreStat } from '../model/status.ts';
import type { Store } from '../store/index.ts';
import { CommandError, EXIT } from './exit.ts';
import { examples, outputOption } from './options.ts';
import { type Cell, type OutputFormat, printData, readableBytes } from './output.ts';

interface StoreFlags {
  readonly config?: string;
  readonly data?: string;
  readonly output: OutputFormat;
}

/** `store stat|verify|compact|export|import`: works on the files of a store that no process has open. */
export function registerStore(program: Command): void {
  const store = program
    .command('store')
    .description('look after the embedded store while crowsnest is not running')
    .addHelpText('after', examples('store stat', 'store export /backup/2026-11'));
  withOutput(verb(store, 'stat', 'series, samples, bytes and the labels that cost most', printStat));
  withOutput(verb(store, 'verify', 'read every file; ends with 1 where one is damaged', printFaults));
  verb(store, 'compact', 'turn all but the newest data into Parquet blocks and apply retention', (open) =>
    open.compact(),
  );
  verb(store, 'export <folder>', 'write all data as Parquet into a new folder', (open, _, folder) =>
    open.exportTo(folder),
  );
  verb(store, 'import <folder>', 'add what an export wrote', (open, _, folder) => open.importFrom(folder));
}

async function printStat(store: Store, { output }: StoreFlags): Promise<void> {
  const stat = await store.stat(10);
  printData(output, stat, ['FIGURE', 'VALUE'], statRows(stat));
  const { length } = stat.damaged;
  if (length > 0) console.error(`warning: the store found damage: ${length} entries in its folder "damaged"`);
}

function statRows(stat: StoreStat): Cell[][] {
  const time = (ms: number) => (ms === 0 ? 'none' : new Date(ms).toISOString());
  return [
    ['series', String(stat.series)],
    ['samples', String(stat.samples)],
    ['log records', String(stat.logRecords)],
    ['size', readableBytes(stat.bytes)],
    ['label pairs', String(stat.labelPairs)],
    ['chunks', String(stat.chunks)],
    ['oldest sample', time(stat.minTime)],
    ['newest sample', time(stat.maxTime)],
    ['retention', stat.retention],
    ...stat.damaged.map((name): Cell[] => ['damaged', name]),
    ...stat.seriesByMetric.map(({ name, value }) => [`series of metric ${name}`, String(value)]),
    ...stat.valuesByLabel.map(({ name, value }) => [`values of label ${name}`, String(value)]),
    ...stat.bytesByLabel.map(({ name, value }) => [`bytes of label ${name}`, readableBytes(value)]),
  ];
}

async function printFaults(store: Store, { output }: StoreFlags): Promise<void> {
  const faults = await store.verify();
  const rows = faults.map(({ file, fault }) => [file, fault]);
  if (rows.length === 0 && output === 'table') console.log('every file of the store is whole');
  else printData(output, faults, ['FILE', 'FAULT'], rows);
  if (faults.length > 0) process.exitCode = EXIT.problem;
}

function withOutput(command: Command): void {
  command.addOption(outputOption());
}

function verb(
  parent: Command,
  usage: string,
  description: string,
  run: (store: Store, flags: StoreFlags, folder: string) => Promise<void>,
): Command {
  const hasFolder = usage.includes('<');
  const [name] = usage.split(' ');
  return parent
    .command(usage)
    .description(description)
    .option('--config <file>', 'the configuration file')
    .option('--data <dir>', 'where data is kept (default: .crowsnest)')
    .addHelpText(
      'after',
      examples(
        `store ${usage.replace('<folder>', '/backup/2026-11')}`,
        `store ${name} --data /var/lib/crowsnest${hasFolder ? ' /backup/2026-11' : ''}`,
      ),
    )
    .action(async (...args: unknown[]) => {
      const flags = args[hasFolder ? 1 : 0] as StoreFlags;
      const store = await openToLookAfter(flags, name === 'import');
      try {
        await run(store, flags, hasFolder ? (args[0] as string) : '');
      } finally {
        await store.close();
      }
    });
}

/** An import may fill a new store; every other command would look after one that it has just made. */
async function openToLookAfter(flags: StoreFlags, mayCreate: boolean): Promise<Store> {
  const [{ loadConfig }, { openStore }, { createLogger }] = await Promise.all([
    import('../app/config.ts'),
    import('../store/index.ts'),
    import('../lib/logger.ts'),
  ]);
  const { config } = loadConfig(flags.config, { data: flags.data });
  if (!mayCreate && !existsSync(config.store.path))
    throw new CommandError(EXIT.problem, `no store in ${config.store.path}; --data or --config name another place`);
  return openStore({ config: config.store, logger: createLogger({ level: 'warn' }) }).catch((error: unknown) => {
    throw new CommandError(EXIT.problem, describeErrno(error));
  });
}
