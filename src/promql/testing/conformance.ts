import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sharedPath } from '../../lib/testing/shared.ts';

const given = process.env.CROWSNEST_PROMQLTEST;

/** The folder of Prometheus' own test scripts, which are read where they lie: none of them is part of this project. */
export const PROMQLTEST = given === undefined ? sharedPath('conformance/promqltest') : resolve(given);

const EVAL = /^\s*eval(?:_\w+)?\s+(?:instant\s+at\s+\S+|range\s+from\s+\S+\s+to\s+\S+\s+step\s+\S+)\s+(.*)$/;

/** The expressions of every `eval` line in Prometheus' own test scripts; none where the scripts are absent. */
export function conformanceExpressions(): string[] {
  if (!existsSync(PROMQLTEST)) return [];
  const files = readdirSync(PROMQLTEST).filter((name) => name.endsWith('.test'));
  const lines = files.flatMap((name) => readFileSync(join(PROMQLTEST, name), 'utf8').split('\n'));
  const found = lines.map((line) => EVAL.exec(line)?.[1]).filter((text) => text !== undefined);
  return [...new Set(found)];
}
