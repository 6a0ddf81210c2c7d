import { readFile } from 'node:fs/promises';
import { decodeText } from '../lib/text/decode-text.ts';
import { errnoMeaning } from '../lib/durable/errno.ts';
import { type Complaint, InputError, formatComplaint, parseYamlDocuments } from '../lib/schema/yaml.ts';
import { Labels } from '../model/labels.ts';
import type { Rule, RuleGroup } from '../model/rule.ts';
import { parse } from '../promql/index.ts';
import type { Annotation, Suite } from './report.ts';
import { parseAnyRules, readsEveryDocument } from './rules/any-rules.ts';

export const LINTS = ['all', 'duplicate-rules', 'none'] as const;
export type Lint = (typeof LINTS)[number];

export interface CheckOptions {
  readonly lint?: readonly Lint[];
  readonly ignoreUnknownFields?: boolean;
}

export interface CheckedFile {
  readonly file: string;
  readonly rules: number;
  /** Faults with their place: the file cannot be used. */
  readonly errors: readonly Complaint[];
  /** What the lint found: the file can be used. */
  readonly duplicates: readonly Duplicate[];
  readonly warnings: readonly string[];
}

/** A series that several rules give. */
export interface Duplicate {
  readonly name: string;
  readonly labels: Labels;
  /** Of the rules, the first one's first. */
  readonly lines: readonly number[];
}

/** Checks rule files as `promtool check rules` does. */
export async function checkRules(files: readonly string[], options: CheckOptions = {}): Promise<CheckedFile[]> {
  const checked: CheckedFile[] = [];
  for (const file of files) {
    const bytes = await readFile(file).catch((error: Error) => new Error(errnoMeaning(error) ?? error.message));
    checked.push(bytes instanceof Error ? refused(file, bytes) : checkRulesText(bytes, file, options));
  }
  return checked;
}

/** Checks the text of one rule file, such as one that came by standard input. */
export function checkRulesText(
  content: string | Buffer,
  file: string,
  { lint = ['duplicate-rules'], ignoreUnknownFields = false }: CheckOptions = {},
): CheckedFile {
  try {
    const text = typeof content === 'string' ? content : decodeText(content, file);
    const groups = parseAnyRules(text, file, { parseExpr: parse, interval: 60_000, ignoreUnknownFields });
    return {
      file,
      rules: groups.reduce((sum, group) => sum + group.rules.length, 0),
      errors: [],
      duplicates: lint.some((one) => one !== 'none') ? findDuplicates(groups) : [],
      warnings: onlyFirstRead(text, file) ? ['several YAML documents in one file: only the first is read'] : [],
    };
  } catch (error) {
    return refused(file, error as Error);
  }
}

function onlyFirstRead(text: string, file: string): boolean {
  return parseYamlDocuments(text, file).length > 1 && !readsEveryDocument(text, file);
}

function refused(file: string, error: Error): CheckedFile {
  const errors =
    error instanceof InputError ? error.complaints : [{ file, line: 0, column: 0, path: '', message: error.message }];
  return { file, rules: 0, errors, duplicates: [], warnings: [] };
}

/** Two rules that give the same series, whatever their expressions. */
function findDuplicates(groups: readonly RuleGroup[]): Duplicate[] {
  const found = new Map<string, Duplicate>();
  for (const rule of groups.flatMap((group) => group.rules)) {
    const labels = Labels.of(rule.labels);
    const key = `${nameOf(rule)}\0${labels.key}`;
    found.set(key, { name: nameOf(rule), labels, lines: [...(found.get(key)?.lines ?? []), rule.line] });
  }
  return [...found.values()].filter(({ lines }) => lines.length > 1);
}

function nameOf(rule: Rule): string {
  return rule.kind === 'alerting' ? rule.alert : rule.record;
}

/** As promtool prints it. */
export function renderChecked(checked: readonly CheckedFile[]): string {
  const parts = checked.map(({ file, rules, errors, duplicates, warnings }) => {
    const found = [...errors.map(formatComplaint), ...(duplicates.length === 0 ? [] : [lintWords(duplicates)])];
    const verdict =
      found.length === 0
        ? `  SUCCESS: ${rules} rules found\n`
        : `  FAILED:\n${found.map((line) => `${line}\n`).join('')}`;
    return `Checking ${file}\n${warnings.map((warning) => `  WARNING: ${warning}\n`).join('')}${verdict}\n`;
  });
  return parts.join('');
}

function lintWords(duplicates: readonly Duplicate[]): string {
  const listed = duplicates.map(
    ({ name, labels }) =>
      `Metric: ${name}\nLabel(s):\n${[...labels.entries()].map(([label, value]) => `\t${label}: ${value}\n`).join('')}`,
  );
  return `lint error ${duplicates.length} duplicate rule(s) found.\n${listed.join('')}Might cause inconsistency while recording expressions`;
}

/** Faults are errors; what lint found is one only where lint is fatal. */
export function annotationsOf(checked: readonly CheckedFile[], lintFatal: boolean): Annotation[] {
  return checked.flatMap(({ file, errors, duplicates }) => [
    ...errors.map(({ line, column, path, message }): Annotation => ({
      level: 'error', file, line, column, message: path === '' ? message : `${path}: ${message}`,
    })),
    ...duplicates.map(({ name, labels, lines }): Annotation => ({
      level: lintFatal ? 'error' : 'warning', file, line: lines[1], column: 0,
      message: `duplicate of the rule in line ${lines[0]}: ${labels.with('__name__', name).toString()}`,
    })),
  ]); // prettier-ignore
}

/** One suite a file, in which the file is the only case. */
export function suitesOf(checked: readonly CheckedFile[], lintFatal: boolean): Suite[] {
  return checked.map(({ file, errors, duplicates }) => {
    const lint = lintFatal && duplicates.length > 0 ? [lintWords(duplicates)] : [];
    return { file, cases: [{ name: 'rules', failures: [...errors.map(formatComplaint), ...lint] }], error: undefined };
  });
}

/** promtool's exit codes: 1 for faults, 3 for lints where they are fatal. */
export function exitCodeOf(checked: readonly CheckedFile[], lintFatal: boolean): 0 | 1 | 3 {
  if (checked.some(({ errors }) => errors.length > 0)) return 1;
  return lintFatal && checked.some(({ duplicates }) => duplicates.length > 0) ? 3 : 0;
}
