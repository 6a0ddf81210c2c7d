import type { QueryLanguage } from '../api/types.ts';
import { explain, format, parse, parseMatchers, print, restrictText, selectorsOf, toJson } from '../promql/index.ts';

/** PromQL as the API reads it. */
export const queryLanguage: QueryLanguage = {
  parseSelector: parseMatchers,
  format: (expr) => format(parse(expr)),
  print: (expr) => print(parse(expr)),
  tree: (expr) => toJson(parse(expr)),
  explain: (expr) => explain(parse(expr)),
  restrict: restrictText,
  selectors: (expr) => selectorsOf(parse(expr)),
};
