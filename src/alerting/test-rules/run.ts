import { readFile } from 'node:fs/promises';
import { decodeText } from '../../lib/text/decode-text.ts';
import { describeErrno, errnoMeaning } from '../../lib/durable/errno.ts';
import { dirname } from 'node:path';
import { RE2JS } from 're2js';
import { validate } from '../../lib/schema/schema.ts';
import { type Complaint, type YamlSource, parseYaml } from '../../lib/schema/yaml.ts';
import type { RuleGroup } from '../../model/rule.ts';
import { parse } from '../../promql/index.ts';
import { findFiles } from '../../lib/glob/find-files.ts';
import { parseAnyRules } from '../rules/any-rules.ts';
import { isText } from '../rules/texts.ts';
import { type Coverage, CoverageLog } from './coverage.ts';
import { runGroup } from './group.ts';
import { type TestFile, testFileSchema } from './schema.ts';
import type { CaseReport, FileReport, TestOptions } from './types.ts';

/** Runs unit tests for rules as `promtool test rules` does. */
export async function testRules(files: readonly string[], options: TestOptions = {}): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  for (const file of files) reports.push(await testFile(file, options));
  return reports;
}

export function failed(reports: readonly FileReport[]): boolean {
  return reports.some((report) => report.error !== undefined || report.cases.some((one) => one.failures.length > 0));
}

async function testFile(file: string, options: TestOptions): Promise<FileReport> {
  const report = {
    file,
    warnings: [] as string[],
    error: undefined as string | undefined,
    cases: [] as CaseReport[],
    coverage: [] as Coverage[],
  };
  try {
    const source = parseYaml(decodeText(await readFile(file), file), file).withTexts(isText);
    const content = validate(source, testFileSchema);
    checkOrder(content);
    const { groups, fault } = await loadGroups(content, file, options, report.warnings);
    const log = new CoverageLog(groups);
    for (const [i, test] of content.tests.entries()) {
      if (!isWanted(test.name, options.run)) continue;
      const name = test.name || `unnamed#${i}`;
      const failures =
        fault === undefined ? await runGroup(test, name, content, groups, log, options) : [{ message: fault }];
      report.cases.push({ name, line: lineOf(source, i), failures });
    }
    if (report.cases.length === 0) report.error = fault;
    report.coverage = log.report();
  } catch (error) {
    report.error = describeErrno(error);
  }
  return report;
}

function lineOf(source: YamlSource, i: number): number {
  const { line }: Complaint = source.complain(['tests', i], '');
  return line;
}

function isWanted(name: string, run: readonly string[] | undefined): boolean {
  return run === undefined || run.length === 0 || RE2JS.compile(run.join('|')).matcher(name).find();
}

function checkOrder({ group_eval_order: order }: TestFile): void {
  const repeated = order.find((name, i) => order.indexOf(name) < i);
  if (repeated !== undefined) throw new Error(`group name repeated in evaluation order: ${repeated}`);
}

interface Loaded {
  readonly groups: readonly RuleGroup[];
  /** Where a rule file cannot be used no test of the file can be run. */
  readonly fault: string | undefined;
}

async function loadGroups(content: TestFile, file: string, options: TestOptions, warnings: string[]): Promise<Loaded> {
  const paths = new Set<string>();
  for (const pattern of content.rule_files) {
    const found = pattern === '' ? [] : await findFiles(pattern, dirname(file), { hidden: true });
    if (found.length === 0) warnings.push(`no file match pattern ${pattern}`);
    for (const path of found) paths.add(path);
  }
  try {
    const groups = await Promise.all([...paths].map((path) => readGroups(path, content, options)));
    const place = (group: RuleGroup) => Math.max(0, content.group_eval_order.indexOf(group.name));
    return { groups: groups.flat().sort((a, b) => place(a) - place(b)), fault: undefined };
  } catch (error) {
    return { groups: [], fault: (error as Error).message };
  }
}

async function readGroups(
  path: string,
  { evaluation_interval: interval }: TestFile,
  { ignoreUnknownFields }: TestOptions,
): Promise<RuleGroup[]> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new Error(`${path}: ${errnoMeaning(error) ?? error.message}`, { cause: error });
  });
  return parseAnyRules(decodeText(bytes, path), path, { parseExpr: parse, interval, ignoreUnknownFields });
}
