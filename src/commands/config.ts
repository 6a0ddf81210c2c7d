import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { CONFIG_FILE } from '../app/config-file.ts';
import { CommandError, EXIT } from './exit.ts';
import { examples } from './options.ts';

/** `config init` and `config show`. */
export function registerConfig(program: Command): void {
  const config = program.command('config').description('look at the configuration');
  registerInit(config);
  registerShow(config);
}

function registerInit(config: Command): void {
  config
    .command('init')
    .description('write an example file with every key, its default and its meaning')
    .argument('[file]', '`-` for standard output', CONFIG_FILE)
    .addHelpText('after', examples('config init', 'config init - | less'))
    .action(async (file: string) => {
      const [{ configSchema }, { exampleOf }] = await Promise.all([
        import('../app/config.ts'),
        import('./config-example.ts'),
      ]);
      const text = exampleOf(configSchema, 'Every key of crowsnest with its default. Take away a # to change one.');
      if (file === '-') return void process.stdout.write(text);
      try {
        await writeFile(file, text, { flag: 'wx' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        throw new CommandError(EXIT.usage, `${file} exists already`);
      }
      console.log(`wrote ${file}; crowsnest finds it in the folder where it is started`);
    });
}

function registerShow(config: Command): void {
  config
    .command('show')
    .description(
      'print the configuration with all defaults filled in, in a form that `check` and a run read; sizes in bytes, secrets hidden',
    )
    .option('--config <file>', `the configuration file; ${CONFIG_FILE} where there is one`)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', examples('config show', 'config show --config crowsnest.yaml -o json'))
    .action(async ({ config: file, output }: { config?: string; output: string }) => {
      const [{ loadConfig, configSchema }, { maskSecrets }, { printable }, { toYaml }] = await Promise.all([
        import('../app/config.ts'),
        import('../app/status/mask-secrets.ts'),
        import('../lib/schema/print.ts'),
        import('../lib/schema/yaml-print.ts'),
      ]);
      const shown = maskSecrets(printable(loadConfig(file).config, configSchema));
      process.stdout.write(output === 'json' ? `${JSON.stringify(shown, null, 2)}\n` : toYaml(shown));
    });
}
