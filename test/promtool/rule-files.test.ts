import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CheckOptions, type CheckedFile, checkRules, exitCodeOf } from '../../src/alerting/check-rules.ts';
import { describeWith, temporaryFolder } from '../servers/process.ts';
import { layFiles, promtool } from './promtool.ts';
import { RULE_FILE_CASES } from './rule-file-cases.ts';

/** Where we differ on purpose, and why. */
const KNOWN: Readonly<Record<string, string>> = {
  'a group that is null': 'promtool passes over an empty item; we say what it lacks',
  'group name: g, rules: [null]': 'promtool passes over an empty item; we say what it lacks',
  'two documents, the second broken': 'only the first is read, but a broken file is refused',
  'group name: g, limit: 1.5': 'promtool cuts it to 1',
  'group name: g, limit: 1_000': 'a text to YAML 1.2, a number to YAML 1.1',
};

/** What Prometheus has behind a flag, we have on. */
const BEHIND_A_FLAG = /limitk|mad_over_time|sort_by_label|info\(|anchored|smoothed|fill\(|double_exponential_smoothing/;

describeWith(['promtool'], 'check rules and promtool check rules', () => {
  const folder = temporaryFolder();
  const paths = RULE_FILE_CASES.map((_, i) => join(folder, `${i}.yml`));

  beforeAll(() => layFiles(folder, Object.fromEntries(RULE_FILE_CASES.map(({ text }, i) => [`${i}.yml`, text]))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const rows: [flags: string[], options: CheckOptions][] = [
    [[], {}],
    [['--ignore-unknown-fields'], { ignoreUnknownFields: true }],
    [['--lint=none'], { lint: ['none'] }],
    [['--lint=none,all'], { lint: ['none', 'all'] }],
  ];
  describe.each(rows)('with %j', (flags, options) => {
    let theirs: readonly Verdict[];
    let mine: readonly Verdict[];

    beforeAll(async () => {
      const { out, err } = await promtool(['check', 'rules', ...flags, ...paths]);
      theirs = paths.map((path) => verdictOfPromtool(path, out, err));
      mine = (await checkRules(paths, options)).map(verdictOf);
    });

    test.each(RULE_FILE_CASES.map(({ name }, i) => ({ name, i })))('$name', ({ name, i }) => {
      if (name in KNOWN) expect(mine[i].verdict, KNOWN[name]).not.toBe(theirs[i].verdict);
      else if (BEHIND_A_FLAG.test(name)) expect([mine[i].verdict, theirs[i].verdict]).toEqual(['1 rules', 'refused']);
      else if (isOfForm(mine[i]) || isOfForm(theirs[i])) expect(mine[i].verdict).toBe(theirs[i].verdict);
      else expect(mine[i]).toEqual(theirs[i]);
    });
  });

  test.each([
    ['the same recording twice', [], 0],
    ['the same recording twice', ['--lint-fatal'], 3],
    ['a duplicate and a fault', ['--lint-fatal'], 1],
    ['broken YAML', [], 1],
    ['an empty file', ['--lint-fatal'], 0],
  ])('%s with %j ends with %d', async (name, flags, code) => {
    const file = paths[RULE_FILE_CASES.findIndex((one) => one.name === name)];
    expect((await promtool(['check', 'rules', ...flags, file])).code).toBe(code);
    expect(exitCodeOf(await checkRules([file]), flags.includes('--lint-fatal'))).toBe(code);
  });
});

interface Verdict {
  /** How many rules, or what is wrong. */
  readonly verdict: string;
  readonly words: readonly string[];
}

function verdictOf({ rules, errors, duplicates }: CheckedFile): Verdict {
  const bad = errors.length > 0 ? 'refused' : 'duplicates';
  return {
    verdict: errors.length + duplicates.length === 0 ? `${rules} rules` : bad,
    words: errors.map(({ message }) => message).toSorted(),
  };
}

/** promtool prints the good on one stream, the faults on the other with the file before each, and lint without. */
function verdictOfPromtool(path: string, out: string, err: string): Verdict {
  const rules = new RegExp(`Checking ${path}\\n {2}SUCCESS: (\\d+) rules`).exec(out)?.[1];
  const lines = err.split('\n').filter((line) => line.startsWith(`${path}:`));
  const words = lines.map((line) => line.replace(/^\S+ (\d+:\d+: )*(group ".*?", rule \d+, ".*?": )?/, ''));
  if (rules !== undefined) return { verdict: `${rules} rules`, words };
  return { verdict: words.length > 0 ? 'refused' : 'duplicates', words: words.toSorted() };
}

const OF_FORM =
  /^yaml:|^not a valid duration|^unknown unit|^duration out of range|invalid syntax$|^groupname: "" is repeated/;

/** Faults of form we tell in the words of all our configuration. */
function isOfForm({ words }: Verdict): boolean {
  return words.some((word) => OF_FORM.test(word));
}
