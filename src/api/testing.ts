import { serverSchema } from './config.ts';
import { createApi } from './app.ts';
import { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { ApiOptions, QueryEngine, QueryLanguage, QueryResult } from './types.ts';

/** Times of the tests: 2026-01-02T03:04:05Z. */
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

/** An app over the given functions, that listens nowhere. */
export function testApi(options: Partial<Omit<ApiOptions, 'config'>> = {}, config: Record<string, unknown> = {}) {
  return createApi({ now: () => NOW, ...options, config: serverSchema.parse(config) });
}

/** Just enough of PromQL for the tests: `name{label="value"}`. */
export const language: QueryLanguage = {
  parseSelector(text) {
    const match = /^(\w*)(?:\{(?:(\w+)(=|!=|=~|!~)"([^"]*)")?\})?$/.exec(text);
    if (match === null) throw new Error('1:4: parse error: unexpected end of input inside braces');
    const [, metric, name, op, value] = match;
    const named: Matcher[] = metric === '' ? [] : [{ name: '__name__', op: '=', value: metric }];
    return name === undefined ? named : [...named, { name, op: op as Matcher['op'], value }];
  },
  format: (expr) => `pretty ${expr}`,
  print: (expr) => `printed ${expr}`,
  tree: (expr) => ({ type: 'vectorSelector', name: expr }),
  explain: (expr) => ({ text: `selects ${expr}` }),
  selectors: (expr) => [language.parseSelector(expr)],
};

export function vector(...samples: readonly [labels: Record<string, string>, value: number][]): QueryResult {
  return {
    type: 'vector',
    samples: samples.map(([labels, value]) => ({ labels: Labels.of(labels), timestamp: NOW, value })),
    warnings: [],
    infos: [],
  };
}

/** Count and sum stand for the whole. */
const HISTOGRAM_JSON: QueryEngine['histogramJson'] = ({ count, sum }) => ({ count: String(count), sum: String(sum) });

export function engineOf(answer: () => QueryResult | Promise<QueryResult>) {
  return { histogramJson: HISTOGRAM_JSON, instant: async () => answer(), range: async () => answer() };
}
