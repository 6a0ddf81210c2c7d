import type { Complaint, Path, YamlSource } from '../../lib/schema/yaml.ts';
import type { ParseExpr } from '../rules/parse.ts';
import { BUILTINS } from '../template/builtins.ts';
import { execute } from '../template/exec.ts';
import { PlainOutput } from '../template/output.ts';
import { type Tree, parseInto } from '../template/parse.ts';
import { GoStruct } from '../template/values.ts';

/**
 * A query of an objective with its `{{.window}}` filled in; any Go template that reads `.window` is one.
 * @throws {TemplateError}
 */
export function fillWindow(query: string, window: string): string {
  const set = new Map<string, Tree>();
  parseInto(set, 'query', query, (name) => name in BUILTINS);
  const output = new PlainOutput();
  execute(set, 'query', new GoStruct('struct { window string }', { window }), BUILTINS, output);
  return output.toString();
}

/** What is wrong with a query at `path`: no template, no PromQL, or the same whatever the window. */
export function checkQuery(source: YamlSource, path: Path, query: string, parseExpr: ParseExpr): Complaint[] {
  let filled: string;
  try {
    filled = fillWindow(query, '5m');
    if (filled === fillWindow(query, '1h')) return [source.complain(path, 'expected {{.window}} in the query')];
  } catch (error) {
    return [source.complain(path, (error as Error).message)];
  }
  return checkExpr(source, path, filled, parseExpr);
}

export function checkExpr(source: YamlSource, path: Path, expr: string, parseExpr: ParseExpr): Complaint[] {
  try {
    parseExpr(expr);
    return [];
  } catch (error) {
    return [source.complain(path, `could not parse expression: ${(error as Error).message}`)];
  }
}
