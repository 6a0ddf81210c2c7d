import { writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import type { Lint } from '../alerting/check-rules.ts';
import type { TestOptions } from '../alerting/test-rules/types.ts';
import { PROCESSES, type Process } from '../app/check/result.ts';
import { printableText } from '../lib/text/printable.ts';
import { colours } from './colours.ts';
import { CommandError, EXIT } from './exit.ts';
import { examples, repeatable } from './options.ts';

/** The commands that judge files before they ship: check, check rules, test rules. */
export function registerJudge(program: Command): void {
  const check = program
    .command('check [file]')
    .description(
      'check a configuration file and every file that a run with it would load; also an alertmanager.yml, a prometheus.yml or a rule file',
    )
    .addOption(new Option('--for <command>', 'also check what this command needs').choices(PROCESSES))
    .addHelpText('after', examples('check', 'check --for agent /etc/crowsnest.yaml', 'check rules rules/*.yaml'))
    .action(checkAll);

  check
    .command('rules [files...]')
    .description('judge rule files as promtool check rules does; without files, standard input')
    .option('--lint <what>', 'what else to look for, by comma: all, duplicate-rules, none', 'duplicate-rules')
    .option('--lint-fatal', 'end with 3 where lint finds something')
    .option('--ignore-unknown-fields', 'let fields pass that are not known')
    .option('--junit <file>', 'also write JUnit XML')
    .addOption(github())
    .addOption(features())
    .addHelpText(
      'after',
      examples(
        "check rules --lint-fatal 'rules/**/*.yaml'",
        'check rules --junit report.xml rules.yml',
        'check rules < rules.yml',
      ),
    )
    .action(checkRuleFiles);

  program
    .command('test')
    .description('run tests of rule files')
    .command('rules <files...>')
    .description('run unit tests for rules as promtool test rules does')
    .option('--run <pattern>', 'only groups whose name matches (repeatable)', repeatable)
    .option('--diff', 'show what differs line by line')
    .option('--debug', 'print what each group holds')
    .option('--junit <file>', 'also write JUnit XML')
    .option('--coverage', 'say which rules no test saw fire or give a value')
    .option('--ignore-unknown-fields', 'let fields pass that are not known')
    .addOption(github())
    .addOption(features())
    .addHelpText(
      'after',
      examples(
        'test rules rules/node/node.test.yaml',
        "test rules --coverage --junit report.xml 'rules/**/*.test.yaml'",
      ),
    )
    .action(testRuleFiles);
}

async function checkAll(file: string | undefined, flags: { readonly for?: Process }): Promise<void> {
  const [{ checkInstallation }, { formatComplaint }] = await Promise.all([
    import('../app/check/index.ts'),
    import('../lib/schema/yaml.ts'),
  ]);
  const { good, warnings, complaints } = await checkInstallation(file, flags.for);
  for (const line of good) console.log(`${colours.green('✓')} ${printableText(line)}`);
  for (const line of warnings) console.log(`${colours.yellow('!')} ${printableText(line)}`);
  for (const complaint of complaints) console.error(`${colours.red('✗')} ${printableText(formatComplaint(complaint))}`);
  if (complaints.length > 0) process.exitCode = EXIT.problem;
}

/** On by itself where GitHub runs it. */
function github(): Option {
  return new Option('--github', 'print annotations for GitHub Actions').default(process.env.GITHUB_ACTIONS === 'true');
}

function features(): Option {
  return new Option('--enable-feature <names>', `feature flags of Prometheus, by comma: ${DELAYED}; all others are on`);
}

const DELAYED = 'promql-delayed-name-removal';

interface CheckFlags {
  readonly lint: string;
  readonly lintFatal?: boolean;
  readonly ignoreUnknownFields?: boolean;
  readonly junit?: string;
  readonly github: boolean;
}

async function checkRuleFiles(patterns: string[], flags: CheckFlags): Promise<void> {
  const { LINTS, annotationsOf, checkRules, checkRulesText, exitCodeOf, renderChecked, suitesOf } =
    await import('../alerting/check-rules.ts');
  const { renderGithub, renderJunit } = await import('../alerting/report.ts');
  const isLint = (word: string): word is Lint => LINTS.some((lint) => lint === word);
  const words = flags.lint.split(',').map((word) => word.trim());
  for (const word of words) if (!isLint(word)) console.error(`WARNING: unknown lint option: "${word}"`);
  const options = { lint: words.filter(isLint), ignoreUnknownFields: flags.ignoreUnknownFields };
  if (patterns.length === 0 && process.stdin.isTTY) console.error('reading rules from standard input; ctrl-d ends it');
  const checked =
    patterns.length === 0
      ? [checkRulesText(await buffer(process.stdin), 'standard input', options)]
      : await checkRules(await expand(patterns), options);
  const fatal = flags.lintFatal ?? false;
  process.stdout.write(printableText(renderChecked(checked)));
  if (flags.github) process.stdout.write(renderGithub(annotationsOf(checked, fatal)));
  if (flags.junit !== undefined) writeFileSync(flags.junit, renderJunit(suitesOf(checked, fatal)));
  process.exitCode = exitCodeOf(checked, fatal);
}

interface TestFlags {
  readonly run?: readonly string[];
  readonly diff?: boolean;
  readonly debug?: boolean;
  readonly junit?: string;
  readonly coverage?: boolean;
  readonly ignoreUnknownFields?: boolean;
  readonly github: boolean;
  readonly enableFeature?: string;
}

async function testRuleFiles(patterns: string[], flags: TestFlags): Promise<void> {
  const { annotationsOf, failed, renderReport, suitesOf, testRules } = await import('../alerting/test-rules/index.ts');
  const { renderGithub, renderJunit } = await import('../alerting/report.ts');
  const options: TestOptions = {
    run: flags.run,
    ignoreUnknownFields: flags.ignoreUnknownFields,
    delayedNameRemoval: flags.enableFeature?.split(',').includes(DELAYED),
    debug: flags.debug ? (line) => process.stderr.write(`${line}\n`) : undefined,
  };
  const reports = await testRules(await expand(patterns), options);
  process.stdout.write(printableText(renderReport(reports, { diff: flags.diff, coverage: flags.coverage })));
  if (flags.github) process.stdout.write(renderGithub(annotationsOf(reports)));
  if (flags.junit !== undefined) writeFileSync(flags.junit, renderJunit(suitesOf(reports)));
  if (failed(reports)) process.exitCode = EXIT.problem;
}

/** Patterns that no shell expanded, and names as they are: a missing file is an error of the reader. */
async function expand(patterns: readonly string[]): Promise<string[]> {
  const { findFiles } = await import('../lib/glob/find-files.ts');
  const { hasMagic } = await import('../lib/glob/pattern.ts');
  const found = await Promise.all(
    patterns.map(async (pattern) => (hasMagic(pattern) ? findFiles(pattern, process.cwd()) : [pattern])),
  );
  const files = found.flat();
  if (files.length === 0) throw new CommandError(EXIT.problem, `no file matches ${patterns.join(' ')}`);
  return files;
}
