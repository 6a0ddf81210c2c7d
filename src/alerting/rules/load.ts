import { readFile } from 'node:fs/promises';
import { decodeText } from '../../lib/text/decode-text.ts';
import { errnoMeaning } from '../../lib/durable/errno.ts';
import type { RuleGroup } from '../../model/rule.ts';
import { type Complaint, InputError } from '../../lib/schema/yaml.ts';
import { parseAnyRules } from './any-rules.ts';
import { findFiles } from '../../lib/glob/find-files.ts';
import { hasMagic } from '../../lib/glob/pattern.ts';
import type { ParseOptions } from './parse.ts';

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
    const found = await findFiles(pattern, base, { hidden: true });
    if (found.length === 0 && !hasMagic(pattern)) complaints.push(wholeFile(pattern, 'no such file'));
    else if (found.length === 0) unmatched.push(pattern);
    for (const file of found) if (!/\.test\.ya?ml$/.test(file)) files.add(file);
  }
  const groups: RuleGroup[] = [];
  for (const file of files) {
    try {
      groups.push(...parseAnyRules(decodeText(await readFile(file), file), file, options));
    } catch (error) {
      if (error instanceof InputError) complaints.push(...error.complaints);
      else complaints.push(wholeFile(file, errnoMeaning(error) ?? (error as Error).message));
    }
  }
  return { files: [...files], groups, complaints, unmatched };
}

function wholeFile(file: string, message: string): Complaint {
  return { file, line: 0, column: 0, path: '', message };
}
