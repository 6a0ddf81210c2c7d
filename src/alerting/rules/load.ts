import { readFile } from 'node:fs/promises';
import type { RuleGroup } from '../../model/rule.ts';
import { type Complaint, InputError, parseYaml, parseYamlDocuments } from '../../lib/yaml.ts';
import { isSloth, slothGroups } from '../slo/sloth/read.ts';
import { glob, hasMagic } from './glob.ts';
import { type ParseOptions, ruleGroups } from './parse.ts';
import { isText } from './texts.ts';

export interface LoadedRules {
  readonly files: readonly string[];
  readonly groups: readonly RuleGroup[];
  /** Of the files that could not be used; their groups are not in `groups`. */
  readonly complaints: readonly Complaint[];
  /** Patterns that match no file. */
  readonly unmatched: readonly string[];
}

/** Reads every rule file that the patterns name. A file with a fault is left out as a whole and the others stay. */
export async function loadRules(
  patterns: readonly string[],
  base: string,
  options: ParseOptions,
): Promise<LoadedRules> {
  const complaints: Complaint[] = [];
  const unmatched: string[] = [];
  const files = new Set<string>();
  for (const pattern of patterns) {
    const found = await glob(pattern, base);
    if (found.length === 0 && !hasMagic(pattern)) complaints.push(wholeFile(pattern, 'no such file'));
    else if (found.length === 0) unmatched.push(pattern);
    for (const file of found) if (!/\.test\.ya?ml$/.test(file)) files.add(file);
  }
  const groups: RuleGroup[] = [];
  for (const file of files) {
    try {
      groups.push(...parseAnyRules(await readFile(file, 'utf8'), file, options));
    } catch (error) {
      if (error instanceof InputError) complaints.push(...error.complaints);
      else complaints.push(wholeFile(file, (error as Error).message));
    }
  }
  return { files: [...files], groups, complaints, unmatched };
}

/**
 * A file of rules of either kind, told apart by content: Prometheus' rule file, of which the first document counts, or Sloth's
 * objectives made into rules, of which every document does.
 * @throws {InputError}
 */
export function parseAnyRules(text: string, file: string, options: ParseOptions): RuleGroup[] {
  const documents = parseYamlDocuments(text, file).filter(({ value }) => value !== null && value !== undefined);
  if (!documents.some(isSloth)) return ruleGroups(parseYaml(text, file).withTexts(isText), options);
  const complaints: Complaint[] = [];
  const groups = documents.flatMap((document) => {
    const source = document.withTexts(isText);
    try {
      return isSloth(source) ? slothGroups(source, options) : ruleGroups(source, options);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complaints.push(...error.complaints);
      return [];
    }
  });
  const names = groups.map(({ name }) => name);
  for (const [i, group] of groups.entries())
    if (names.indexOf(group.name) < i)
      complaints.push({
        file,
        line: group.rules[0]?.line ?? 0,
        column: 0,
        path: '',
        message: `the group ${JSON.stringify(group.name)} is in the file already; services and objectives need names of their own`,
      });
  if (complaints.length > 0) throw new InputError(complaints);
  return groups;
}

function wholeFile(file: string, message: string): Complaint {
  return { file, line: 0, column: 0, path: '', message };
}
