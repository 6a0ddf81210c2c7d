import type { Command } from 'commander';
import pc from 'picocolors';
import { formatComplaint } from '../lib/yaml.ts';
import { EXIT } from './exit.ts';
import { examples } from './look.ts';

/** The commands that judge files before they ship: check, test. */
export function registerJudge(program: Command): void {
  program
    .command('check [file]')
    .description('judge a configuration file and every file that a run with it would load')
    .addHelpText('after', examples('check', 'check /etc/crowsnest.yaml'))
    .action(check);
}

async function check(file: string | undefined): Promise<void> {
  const { checkInstallation } = await import('../doors/check.ts');
  const { good, complaints } = await checkInstallation(file);
  for (const line of good) console.log(`${pc.green('✓')} ${line}`);
  for (const complaint of complaints) console.error(`${pc.red('✗')} ${formatComplaint(complaint)}`);
  if (complaints.length > 0) process.exitCode = EXIT.problem;
}
