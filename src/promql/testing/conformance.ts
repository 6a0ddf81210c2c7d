import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = process.env.CROWSNEST_PROMQLTEST ?? resolve('..', 'shared', 'conformance', 'promqltest');
const EVAL = /^\s*eval(?:_\w+)?\s+(?:instant\s+at\s+\S+|range\s+from\s+\S+\s+to\s+\S+\s+step\s+\S+)\s+(.*)$/;

/** The expressions of every `eval` line in Prometheus' own test scripts; none where the scripts are absent. */
export function conformanceExpressions(): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.test'));
  const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  const found = lines.map((line) => EVAL.exec(line)?.[1]).filter((text) => text !== undefined);
  return [...new Set(found)];
}
