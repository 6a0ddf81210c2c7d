import type { Query, VectorAnswer } from '../../model/query.ts';
import { BUILTINS } from './builtins.ts';
import { execute } from './exec.ts';
import { PlainOutput } from './output.ts';
import { type Tree, parseInto } from './parse.ts';
import { TemplateError } from './parser-state.ts';
import { type PrometheusContext, QueryNeeded, prometheusFunctionNames, prometheusFunctions } from './prometheus.ts';
import { GoStruct, type GoValue, stringMap } from './values.ts';

/** What a rule's label or annotation template is given. */
export interface AlertTemplateData {
  readonly labels: Readonly<Record<string, string>>;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  /** A histogram as its text. */
  readonly value: number | string;
}

export interface ExpandContext {
  /** Milliseconds: what `now` says and `query` is asked at. */
  readonly at: number;
  readonly query: Query;
}

/** The short names that stand before every rule template; Prometheus puts them there too, so columns agree with its own. */
const DEFINITIONS =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}';

/** A template may ask this many different queries. */
const MAX_QUERIES = 100;

const NAMES = new Set([...Object.keys(BUILTINS), ...prometheusFunctionNames()]);

/** A label or annotation of a rule, parsed once. */
export interface RuleTemplate {
  expand(data: AlertTemplateData, context: ExpandContext): Promise<string>;
}

/**
 * Parses a rule's template; text without an action costs nothing at evaluation.
 * @throws {TemplateError} `template: __alert_NAME:LINE: …`
 */
export function parseRuleTemplate(alert: string, text: string): RuleTemplate {
  if (!text.includes('{{')) return { expand: () => Promise.resolve(text) };
  const name = `__alert_${alert}`;
  const set = new Map<string, Tree>();
  parseInto(set, name, DEFINITIONS + text, (func) => NAMES.has(func));
  return { expand: (data, context) => expandWithQueries(set, name, data, context) };
}

/** The interpreter does not wait, so a run that needs a query stops, the query is answered, and the run starts over. */
async function expandWithQueries(
  set: ReadonlyMap<string, Tree>,
  name: string,
  data: AlertTemplateData,
  context: ExpandContext,
): Promise<string> {
  const answers = new Map<string, VectorAnswer | Error>();
  const functions = prometheusFunctions({
    now: context.at,
    externalUrl: data.externalUrl,
    answers,
  } satisfies PrometheusContext);
  for (;;) {
    try {
      const output = new PlainOutput();
      execute(set, name, toGo(data), functions, output);
      return output.toString();
    } catch (error) {
      if (error instanceof TemplateError)
        throw new TemplateError(`error executing template ${name}: ${error.message}`, error);
      if (!(error instanceof QueryNeeded)) throw error;
      if (answers.size >= MAX_QUERIES)
        throw new TemplateError(`error executing template ${name}: more than ${MAX_QUERIES} queries`);
      answers.set(error.expr, await context.query(error.expr, context.at).catch((reason: unknown) => reason as Error));
    }
  }
}

function toGo(data: AlertTemplateData): GoValue {
  return new GoStruct(
    'struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }',
    {
      Labels: stringMap(data.labels),
      ExternalLabels: stringMap(data.externalLabels),
      ExternalURL: data.externalUrl,
      Value: data.value,
    },
  );
}
