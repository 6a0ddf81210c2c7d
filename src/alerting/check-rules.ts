import { readFile } from 'node:fs/promises';
import { InputError, formatComplaint } from '../lib/yaml.ts';
import { Labels } from '../model/labels.ts';
import type { Rule, RuleGroup } from '../model/rule.ts';
import { parse } from '../promql/index.ts';
import { parseAnyRules } from './rules/load.ts';

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
  readonly errors: readonly string[];
  /** What the lints found: the file can be used. */
  readonly lints: readonly string[];
}

/** Checks rule files as `promtool check rules` does. */
export async function checkRules(files: readonly string[], options: CheckOptions = {}): Promise<CheckedFile[]> {
  const checked: CheckedFile[] = [];
  for (const file of files) checked.push(await checkFile(file, options));
  return checked;
}

async function checkFile(
  file: string,
  { lint = ['duplicate-rules'], ignoreUnknownFields = false }: CheckOptions,
): Promise<CheckedFile> {
  try {
    const groups = parseAnyRules(await readFile(file, 'utf8'), file, {
      parseExpr: parse,
      interval: 60_000,
      ignoreUnknownFields,
    });
    const wanted = !lint.includes('none') && (lint.includes('all') || lint.includes('duplicate-rules'));
    return {
      file,
      rules: groups.reduce((sum, group) => sum + group.rules.length, 0),
      errors: [],
      lints: wanted ? lintDuplicates(groups) : [],
    };
  } catch (error) {
    const errors =
      error instanceof InputError ? error.complaints.map(formatComplaint) : [`${file}  ${(error as Error).message}`];
    return { file, rules: 0, errors, lints: [] };
  }
}

/** Two rules that give the same series, whatever their expressions. */
function lintDuplicates(groups: readonly RuleGroup[]): string[] {
  const counts = new Map<string, { name: string; labels: Labels; count: number }>();
  for (const rule of groups.flatMap((group) => group.rules)) {
    const labels = Labels.of(rule.labels);
    const key = `${nameOf(rule)}\0${labels.key}`;
    const entry = counts.get(key) ?? { name: nameOf(rule), labels, count: 0 };
    counts.set(key, { ...entry, count: entry.count + 1 });
  }
  const duplicates = [...counts.values()].filter(({ count }) => count > 1);
  if (duplicates.length === 0) return [];
  const listed = duplicates.map(
    ({ name, labels }) =>
      `Metric: ${name}\nLabel(s):\n${[...labels.entries()].map(([label, value]) => `\t${label}: ${value}\n`).join('')}`,
  );
  return [
    `lint error ${duplicates.length} duplicate rule(s) found.\n${listed.join('')}Might cause inconsistency while recording expressions`,
  ];
}

function nameOf(rule: Rule): string {
  return rule.kind === 'alerting' ? rule.alert : rule.record;
}

/** As promtool prints it. */
export function renderChecked(checked: readonly CheckedFile[]): string {
  const parts = checked.map(({ file, rules, errors, lints }) => {
    const found = [...errors, ...lints];
    const verdict =
      found.length === 0
        ? `  SUCCESS: ${rules} rules found\n`
        : `  FAILED:\n${found.map((line) => `${line}\n`).join('')}`;
    return `Checking ${file}\n${verdict}\n`;
  });
  return parts.join('');
}

/** promtool's exit codes: 1 for faults, 3 for lints where they are fatal. */
export function exitCodeOf(checked: readonly CheckedFile[], lintFatal: boolean): 0 | 1 | 3 {
  if (checked.some(({ errors }) => errors.length > 0)) return 1;
  return lintFatal && checked.some(({ lints }) => lints.length > 0) ? 3 : 0;
}
