import { type Command, Option } from 'commander';
import { examples } from './options.ts';

/** `config show`: the file with all defaults, as a run would use it. */
export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('look at the configuration')
    .command('show')
    .description('print the configuration with all defaults filled in; durations in milliseconds, sizes in bytes')
    .option('--config <file>', 'the configuration file')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', examples('config show', 'config show --config crowsnest.yaml -o json'))
    .action(async ({ config: file, output }: { config?: string; output: string }) => {
      const [{ loadConfig }, { maskSecrets }, { toYaml }] = await Promise.all([
        import('../app/config.ts'),
        import('../app/status/mask-secrets.ts'),
        import('../lib/yaml-print.ts'),
      ]);
      const shown = maskSecrets(loadConfig(file).config);
      process.stdout.write(output === 'json' ? `${JSON.stringify(shown, null, 2)}\n` : toYaml(shown));
    });
}
