import { Command, CommanderError } from 'commander';
import { version } from '../lib/package-root.ts';
import { endOnClosedPipe } from './closed-pipe.ts';
import { registerAlertmanager } from './alertmanager.ts';
import { registerCompletion } from './completion.ts';
import { registerConfig } from './config.ts';
import { EXIT, explainFailure } from './exit.ts';
import { registerJudge } from './judge.ts';
import { registerAlertsList, registerLook } from './look.ts';
import { registerPromql } from './promql.ts';
import { registerRun } from './run.ts';
import { registerSlo } from './slo.ts';
import { registerStore } from './store.ts';

const EXIT_CODES = `
Exit codes: 0 fine, 1 found a problem, 2 wrong call, 3 could not reach.
Commands that look talk to a running crowsnest: --url, or CROWSNEST_URL.
`;

/** The whole command line. Each command loads what it needs when it is called, so that an agent stays small. */
export function createProgram(): Command {
  const program = new Command('crowsnest')
    .description('the lookout on the mast of a Kubernetes cluster: metrics, logs, alerts and objectives')
    .version(version, '-v, --version', 'print the version')
    .helpCommand('help [command]', 'print the help of a command')
    .showSuggestionAfterError()
    .addHelpText('after', EXIT_CODES);
  const { alerts } = registerRun(program);
  registerAlertsList(alerts);
  registerAlertmanager(program);
  registerLook(program);
  registerJudge(program);
  registerPromql(program);
  registerConfig(program);
  registerSlo(program);
  registerStore(program);
  registerCompletion(program);
  return program;
}

/** Runs one command line and returns its exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  endOnClosedPipe();
  const program = createProgram();
  for (const command of allOf(program)) command.exitOverride();
  try {
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    return explainFailure(error);
  }
}

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}
