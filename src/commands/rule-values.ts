import type * as Promql from '../promql/index.ts';

/** What a rule's expression sees now. */
export interface RuleValues {
  readonly selectors: readonly SelectorCount[];
  readonly conditions: readonly ConditionValues[];
  /** Series that the expression as a whole returns. */
  readonly results: number;
  /** Why the server could not be asked; '' where it could. */
  readonly error: string;
}

interface SelectorCount {
  readonly selector: string;
  /** Series that it matches now. */
  readonly count: number;
  /** Which matcher leaves all series out; '' where none does alone. */
  readonly hint: string;
}

interface ConditionValues {
  readonly left: string;
  readonly op: string;
  readonly right: string;
  /** Series of the left side, and how many of them meet the condition. */
  readonly series: number;
  readonly met: number;
  /** The value on the left that is nearest to the limit; undefined for other comparisons than `<` and `>`. */
  readonly nearest?: number;
  /** The values of the left side that are nearest to the limit, nearest first. */
  readonly values: readonly Sample[];
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: string;
}

interface Answer {
  readonly resultType: string;
  readonly result: unknown;
}

type Ask = (query: string) => Promise<Answer>;

/** Selectors and conditions of one rule that are asked for: each costs up to a few queries. */
const MOST = 10;

/** Asks a Prometheus API for the parts of a rule's expression. */
export async function ruleValues(expr: string, ask: Ask): Promise<RuleValues> {
  const language = await import('../promql/index.ts');
  try {
    const tree = language.parse(expr);
    const results = (await vectorOf(ask, expr)).length;
    const selectors: SelectorCount[] = [];
    for (const selector of language.distinctSelectors(tree).slice(0, MOST))
      selectors.push(await countOf(selector, language, ask));
    const conditions: ConditionValues[] = [];
    for (const condition of language.conditionsOf(tree).slice(0, MOST)) conditions.push(await valuesOf(condition, ask));
    return { selectors, conditions, results, error: '' };
  } catch (error) {
    return { selectors: [], conditions: [], results: 0, error: error instanceof Error ? error.message : String(error) };
  }
}

async function countOf(selector: Promql.VectorSelector, { print }: typeof Promql, ask: Ask): Promise<SelectorCount> {
  const countSeries = async (one: Promql.VectorSelector) =>
    Number((await vectorOf(ask, `count(${print(one)})`))[0]?.value ?? 0);
  const text = print(selector);
  const count = await countSeries(selector);
  if (count > 0) return { selector: text, count, hint: '' };
  for (const matcher of selector.matchers.filter(({ name }) => name !== '__name__')) {
    const without = { ...selector, matchers: selector.matchers.filter((other) => other !== matcher) };
    if (without.matchers.length === 0) continue;
    const others = await countSeries(without);
    const written = `${matcher.name}${matcher.op}${JSON.stringify(matcher.value)}`;
    if (others > 0) return { selector: text, count, hint: `; without ${written} it matches ${others}` };
  }
  return { selector: text, count, hint: '' };
}

async function valuesOf({ left, op, right, scalar }: Promql.Condition, ask: Ask): Promise<ConditionValues> {
  const samples = await vectorOf(ask, left);
  const met = (await vectorOf(ask, `(${left}) ${op} ${scalar ? right : `(${right})`}`)).length;
  const descending = op.startsWith('>');
  const values = samples.toSorted((a, b) => (Number(a.value) - Number(b.value)) * (descending ? -1 : 1));
  const isOrdered = scalar && (descending || op.startsWith('<')) && values.length > 0;
  return {
    left,
    op,
    right,
    series: samples.length,
    met,
    ...(isOrdered && { nearest: Number(values[0].value) }),
    values: scalar ? values : [],
  };
}

/** A scalar is one sample without labels. */
async function vectorOf(ask: Ask, query: string): Promise<Sample[]> {
  const { resultType, result } = await ask(query);
  if (resultType === 'scalar') return [{ metric: {}, value: (result as [number, string])[1] }];
  return (result as { metric: Record<string, string>; value?: [number, string] }[]).map(({ metric, value }) => ({
    metric,
    value: value?.[1] ?? 'histogram',
  }));
}
