import type { Path } from '../../lib/schema/yaml.ts';

const TEXTS = new Set([
  'record',
  'alert',
  'expr',
  'series',
  'values',
  'name',
  'alertname',
  'start_timestamp',
  'histogram',
]);
const MAPS = new Set([
  'labels',
  'annotations',
  'exp_labels',
  'exp_annotations',
  'external_labels',
  'match',
  'match_re',
  'rule_files',
  'group_eval_order',
]);

/** Where rule files, their tests and routing files hold texts, whatever YAML would make of them: `values: 0x20`. */
export function isText(path: Path): boolean {
  return TEXTS.has(String(path.at(-1))) || MAPS.has(String(path.at(-2)));
}
