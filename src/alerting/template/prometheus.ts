import type { VectorAnswer, VectorSample } from '../../model/query.ts';
import { compareUtf8 } from '../../model/labels.ts';
import { formatHistogram } from '../../promql/histogram/index.ts';
import { NUMBER_FUNCTIONS } from './number-functions.ts';
import { Suspended } from './terms.ts';
import { TEXT_FUNCTIONS } from './text-functions.ts';
import { type FunctionMap, GoFunc, GoList, type GoMap, GoStruct, type GoValue, stringMap } from './values.ts';

/** What the functions of a rule's template know of the moment. */
export interface PrometheusContext {
  /** Milliseconds. */
  readonly now: number;
  readonly externalUrl: string;
  /** Answers of the queries asked so far; a query that is not in it suspends the run with {@link QueryNeeded}. */
  readonly answers: ReadonlyMap<string, VectorAnswer | Error>;
}

/** Thrown where a template asks a query for the first time: answer it and run the template again. */
export class QueryNeeded extends Suspended {
  readonly expr: string;

  constructor(expr: string) {
    super('query needed');
    this.expr = expr;
  }
}

const RESULT = 'template.queryResult';
const SAMPLE = '*template.sample';

/**
 * Prometheus' template functions (source: docs/configuration/template_reference.md). Made anew for every expansion: those
 * that do not depend on it stand behind as the prototype.
 */
export function prometheusFunctions(context: PrometheusContext): FunctionMap {
  const own: FunctionMap = {
    query: new GoFunc(['string'], (expr: string) => query(expr, context)),
    now: new GoFunc([], () => context.now / 1000),
    externalURL: new GoFunc([], () => context.externalUrl),
    pathPrefix: new GoFunc([], () => pathOf(context.externalUrl)),
  };
  return Object.assign(Object.create(FIXED) as FunctionMap, own);
}

/** The names of all of them. */
export function prometheusFunctionNames(): string[] {
  return [...Object.keys(FIXED), 'query', 'now', 'externalURL', 'pathPrefix'];
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/^\/$/, url.endsWith('/') ? '/' : '') : '';
}

function query(expr: string, context: PrometheusContext): GoValue {
  const answer = context.answers.get(expr);
  if (answer === undefined) throw new QueryNeeded(expr);
  if (answer instanceof Error) throw answer;
  return new GoList(RESULT, answer.samples.map(toSample));
}

function toSample(sample: VectorSample): GoStruct {
  return new GoStruct(SAMPLE, { Labels: stringMap(sample.labels.toJSON()), Value: shownValue(sample) });
}

/** What templates are given as the value: of a histogram its text. */
export function shownValue({ value, histogram }: VectorSample): number | string {
  return histogram === undefined ? value : formatHistogram(histogram);
}

function present(sample: GoStruct | undefined): GoStruct {
  if (sample === undefined) throw new Error('runtime error: invalid memory address or nil pointer dereference');
  return sample;
}

function labelOf(sample: GoStruct | undefined, name: string): string {
  return ((present(sample).fields.Labels as GoMap).entries.get(name) as string | undefined) ?? '';
}

const SAMPLE_FUNCTIONS: FunctionMap = {
  first: new GoFunc([RESULT], (result: GoList | undefined) => {
    if (result === undefined || result.items.length === 0) throw new Error('first() called on vector with no elements');
    return result.items[0];
  }),
  label: new GoFunc(['string', SAMPLE], (name: string, sample: GoStruct) => labelOf(sample, name)),
  value: new GoFunc([SAMPLE], (sample: GoStruct | undefined) => present(sample).fields.Value),
  strvalue: new GoFunc([SAMPLE], (sample: GoStruct) => labelOf(sample, '__value__')),
  sortByLabel: new GoFunc(['string', RESULT], (name: string, result: GoList) => {
    const by = (sample: GoValue) => labelOf(sample as GoStruct, name);
    return new GoList(
      RESULT,
      [...result.items].sort((a, b) => compareUtf8(by(a), by(b))),
    );
  }),
};

const FIXED: FunctionMap = { ...TEXT_FUNCTIONS, ...NUMBER_FUNCTIONS, ...SAMPLE_FUNCTIONS };
