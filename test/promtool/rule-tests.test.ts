import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testRules } from '../../src/alerting/test-rules/run.ts';
import type { FileReport } from '../../src/alerting/test-rules/types.ts';
import { Random } from '../promql/random.ts';
import { describeWith, temporaryFolder } from '../servers/process.ts';
import { type JunitSuite, layFiles, promtool, readJunit } from './promtool.ts';
import { randomRuleTest } from './random-rule-tests.ts';
import { RULE_TEST_CASES } from './rule-test-cases.ts';

/** Where we differ on purpose, and why. */
const KNOWN: Readonly<Record<string, string>> = {
  'a broken rule file without tests': 'promtool reads rule files only for a test; we say that the file is broken',
  'value 010': 'YAML 1.2 reads ten, YAML 1.1 eight',
};

const SEED = Number(process.env.SEED ?? 20261121);
const COUNT = Number(process.env.COUNT ?? 120);

describeWith(['promtool'], 'test rules and promtool test rules', () => {
  const folder = temporaryFolder();
  const random = new Random(SEED);
  const randomTests = Array.from({ length: COUNT }, () => randomRuleTest(random));
  let theirs: ReadonlyMap<string, JunitSuite>;
  let mine: ReadonlyMap<string, FileReport>;

  const fileOf = (i: number | string) => join(folder, String(i), 'test.yml');

  beforeAll(async () => {
    for (const [i, { files }] of RULE_TEST_CASES.entries())
      layFiles(
        join(folder, String(i)),
        Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replaceAll('{DIR}', String(i))])),
      );
    for (const [i, one] of randomTests.entries())
      layFiles(join(folder, `random-${i}`), { 'rules.yml': one.rules, 'test.yml': one.test });
    const paths = [...RULE_TEST_CASES.keys(), ...randomTests.map((_, i) => `random-${i}`)].map(fileOf);
    const junit = join(folder, 'junit.xml');
    const [reports] = await Promise.all([testRules(paths), promtool(['test', 'rules', '--junit', junit, ...paths])]);
    mine = new Map(reports.map((report) => [report.file, report]));
    theirs = new Map(readJunit(junit).map((suite) => [suite.file, suite]));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(RULE_TEST_CASES.map(({ name }, i) => ({ name, i })))('$name', ({ name, i }) => {
    const names = failedNames(mine.get(fileOf(i)));
    const expected = theirs.get(fileOf(i))?.failed.map((one) => one.name);
    expect(expected).toBeDefined();
    if (name in KNOWN) expect(names, KNOWN[name]).not.toEqual(expected);
    else expect(names).toEqual(expected);
  });

  test.each(randomTests.map((_, i) => i))(`random rules and tests, number %d of seed ${SEED}: same words`, (i) => {
    const file = fileOf(`random-${i}`);
    const words = mine.get(file)?.cases.flatMap(({ failures }) => failures.map(({ message }) => message));
    const expected = theirs.get(file)?.failed.flatMap((one) => one.words) ?? [];
    expect(expected.length).toBeGreaterThan(0);
    expect(words?.map(comparable)).toEqual(expected.map(comparable));
  });
});

function failedNames(report: FileReport | undefined): string[] {
  if (report?.error !== undefined) return ['unknown'];
  return report?.cases.filter(({ failures }) => failures.length > 0).map(({ name }) => name) ?? [];
}

/** Without what Go says of its own types, and without the values beside a sample that came twice. */
function comparable(words: string): string {
  return words
    .replaceAll(/\s+/g, ' ')
    .replace(/(duplicate sample for timestamp) .*/, '$1')
    .replaceAll(/(error calling \w+:).*?>/g, '$1>');
}
