import { existsSync } from 'node:fs';
import { Option, type Command } from 'commander';
import type { Store } from '../store/index.ts';
import { CommandError, EXIT } from './exit.ts';
import { examples } from './options.ts';
import type { OutputFormat } from './output.ts';

interface StoreFlags {
  readonly config?: string;
  readonly data?: string;
  readonly output: OutputFormat;
}

/** `store stat|verify|compact|export|import`: works on the files of a store that nobody has open. */
export function registerStore(program: Command): void {
  const store = program
    .command('store')
    .description('look after the embedded store while crowsnest is not running')
    .addHelpText('after', examples('store stat', 'store export /backup/2026-11'));
  verb(store, 'stat', 'series, samples, bytes and the labels that cost most', async (open, { output }) => {
    const stat = await open.stat(10);
    const rows = Object.entries(stat)
      .filter(([, value]) => !Array.isArray(value))
      .map(([key, value]) => [key, String(value)]);
    const { printData } = await import('./output.ts');
    printData(output, stat, ['FIGURE', 'VALUE'], rows);
  });
  verb(store, 'verify', 'read every file; ends with 1 where one is damaged', async (open, { output }) => {
    const faults = await open.verify();
    const { printData } = await import('./output.ts');
    printData(
      output,
      faults,
      ['FILE', 'FAULT'],
      faults.map(({ file, fault }) => [file, fault]),
    );
    if (faults.length > 0) process.exitCode = EXIT.problem;
  });
  verb(store, 'compact', 'turn all but the newest data into Parquet blocks and apply retention', (open) =>
    open.compact(),
  );
  verb(store, 'export <folder>', 'write all data as Parquet into a new folder', (open, _, folder) =>
    open.exportTo(folder),
  );
  verb(store, 'import <folder>', 'take over what an export wrote', (open, _, folder) => open.importFrom(folder));
}

function verb(
  parent: Command,
  usage: string,
  description: string,
  run: (store: Store, flags: StoreFlags, folder: string) => Promise<void>,
): void {
  const hasFolder = usage.includes('<');
  parent
    .command(usage)
    .description(description)
    .option('--config <file>', 'the configuration file')
    .option('--data <dir>', 'where data is kept (default: .crowsnest)')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json', 'yaml']).default('table'))
    .action(async (...args: unknown[]) => {
      const flags = args[hasFolder ? 1 : 0] as StoreFlags;
      const [{ loadConfig }, { openStore }, { createLogger }] = await Promise.all([
        import('../app/config.ts'),
        import('../store/index.ts'),
        import('../lib/logger.ts'),
      ]);
      const { config } = loadConfig(flags.config, { data: flags.data });
      // An import may be what fills a new store; whatever else would look after one that it has just made.
      if (!usage.startsWith('import') && !existsSync(config.store.path))
        throw new CommandError(EXIT.problem, `no store in ${config.store.path}; --data or --config name another place`);
      const store = await openStore({ config: config.store, logger: createLogger({ level: 'warn' }) }).catch(
        (error: unknown) => {
          throw new CommandError(EXIT.problem, (error as Error).message);
        },
      );
      try {
        await run(store, flags, hasFolder ? (args[0] as string) : '');
      } finally {
        await store.close();
      }
    });
}
