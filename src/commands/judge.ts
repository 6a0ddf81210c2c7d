import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Lint } from '../alerting/check-rules.ts';
import { colours } from './colours.ts';
import { formatComplaint } from '../lib/yaml.ts';
import { CommandError, EXIT } from './exit.ts';
import { examples, repeatable } from './options.ts';

/** The commands that judge files before they ship: check, check rules, test rules. */
export function registerJudge(program: Command): void {
  const check = program
    .command('check [file]')
    .description('judge a configuration file and every file that a run with it would load')
    .addHelpText('after', examples('check', 'check /etc/crowsnest.yaml', 'check rules rules/*.yaml'))
    .action(checkAll);

  check
    .command('rules <files...>')
    .description('judge rule files as promtool check rules does')
    .addOption(
      new Option('--lint <what>', 'what else to look for')
        .choices(['all', 'duplicate-rules', 'none'])
        .default('duplicate-rules'),
    )
    .option('--lint-fatal', 'end with 3 where lint finds something')
    .option('--ignore-unknown-fields', 'let fields pass that are not known')
    .addHelpText('after', examples('check rules rules.yml', "check rules --lint all --lint-fatal 'rules/**/*.yaml'"))
    .action(checkRuleFiles);

  program
    .command('test')
    .description('run tests of what is written here')
    .command('rules <files...>')
    .description('run unit tests for rules as promtool test rules does')
    .option('--run <pattern>', 'only groups whose name matches (repeatable)', repeatable)
    .option('--diff', 'show what differs line by line')
    .option('--debug', 'print what each group holds')
    .option('--junit <file>', 'also write JUnit XML')
    .option('--coverage', 'say which rules no test saw fire or give a value')
    .option('--ignore-unknown-fields', 'let fields pass that are not known')
    .addOption(
      new Option('--github', 'print annotations for GitHub Actions').default(process.env.GITHUB_ACTIONS === 'true'),
    )
    .addHelpText(
      'after',
      examples(
        'test rules rules/node/node.test.yaml',
        "test rules --coverage --junit report.xml 'rules/**/*.test.yaml'",
      ),
    )
    .action(testRuleFiles);
}

async function checkAll(file: string | undefined): Promise<void> {
  const { checkInstallation } = await import('../doors/check.ts');
  const { good, complaints } = await checkInstallation(file);
  for (const line of good) console.log(`${colours.green('✓')} ${line}`);
  for (const complaint of complaints) console.error(`${colours.red('✗')} ${formatComplaint(complaint)}`);
  if (complaints.length > 0) process.exitCode = EXIT.problem;
}

async function checkRuleFiles(
  patterns: string[],
  flags: { lint: Lint; lintFatal?: boolean; ignoreUnknownFields?: boolean },
): Promise<void> {
  const { checkRules, exitCodeOf, renderChecked } = await import('../alerting/check-rules.ts');
  const checked = await checkRules(await expand(patterns), {
    lint: [flags.lint],
    ignoreUnknownFields: flags.ignoreUnknownFields,
  });
  process.stdout.write(renderChecked(checked));
  process.exitCode = exitCodeOf(checked, flags.lintFatal ?? false);
}

interface TestFlags {
  readonly run?: readonly string[];
  readonly diff?: boolean;
  readonly debug?: boolean;
  readonly junit?: string;
  readonly coverage?: boolean;
  readonly ignoreUnknownFields?: boolean;
  readonly github: boolean;
}

async function testRuleFiles(patterns: string[], flags: TestFlags): Promise<void> {
  const { failed, renderGithub, renderJunit, renderReport, testRules } =
    await import('../alerting/test-rules/index.ts');
  const reports = await testRules(await expand(patterns), {
    run: flags.run,
    ignoreUnknownFields: flags.ignoreUnknownFields,
    debug: flags.debug ? (text) => process.stderr.write(`${text}\n`) : undefined,
  });
  process.stdout.write(renderReport(reports, { diff: flags.diff, coverage: flags.coverage }));
  if (flags.github) process.stdout.write(renderGithub(reports));
  if (flags.junit !== undefined) writeFileSync(flags.junit, renderJunit(reports));
  if (failed(reports)) process.exitCode = EXIT.problem;
}

/** Patterns that no shell expanded, and names as they are: a missing file is told by who reads it. */
async function expand(patterns: readonly string[]): Promise<string[]> {
  const { glob, hasMagic } = await import('../alerting/rules/glob.ts');
  const found = await Promise.all(
    patterns.map(async (pattern) => (hasMagic(pattern) ? glob(pattern, process.cwd()) : [pattern])),
  );
  const files = found.flat();
  if (files.length === 0) throw new CommandError(EXIT.problem, `no file matches ${patterns.join(' ')}`);
  return files;
}
