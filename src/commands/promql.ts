import type { Command } from 'commander';
import type * as Promql from '../promql/index.ts';
import { printableText } from '../lib/text/printable.ts';
import { nearest } from '../lib/schema/nearest.ts';
import { CommandError, EXIT } from './exit.ts';
import { examples } from './options.ts';

type Language = typeof Promql;

/** `promql format|explain|check`: what can be said of an expression without running it. */
export function registerPromql(program: Command): void {
  const promql = program.command('promql').description('format, explain or check an expression');
  const expression = "promql explain 'sum by (pod) (rate(http_requests_total[5m]))'";
  verb(promql, 'format', 'print it in a form that reads well', ({ parse, format }, text) => format(parse(text)));
  verb(
    promql,
    'explain',
    'say in plain words what it selects and does, which labels it keeps, and what it costs',
    ({ parse, explain, renderExplanation }, text) => renderExplanation(explain(parse(text))),
  );
  verb(promql, 'check', 'say its type, or what is wrong with it and where', ({ parse, typeOf, documentedType }, text) =>
    documentedType(typeOf(parse(text))),
  );
  promql.addHelpText('after', examples(expression, "promql check 'rate(up)'"));
}

function verb(
  promql: Command,
  name: string,
  description: string,
  answer: (language: Language, text: string) => string,
): void {
  promql
    .command(`${name} <expr>`)
    .description(description)
    .addHelpText(
      'after',
      examples(
        `promql ${name} 'rate(http_requests_total[5m])'`,
        `promql ${name} 'histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))'`,
      ),
    )
    .action(async (text: string) => {
      const language = await import('../promql/index.ts');
      try {
        console.log(printableText(answer(language, text)));
      } catch (error) {
        if (!(error instanceof language.ParseError)) throw error;
        throw new CommandError(EXIT.problem, language.formatWithCaret(error) + hint(language, error));
      }
    });
}

/** The function or aggregation that may have been meant by a name that is none. */
function hint({ AGGREGATE_WORDS, FUNCTIONS }: Language, error: Promql.ParseError): string {
  const unknown = /^unknown function with name "(\w+)"$/.exec(error.detail)?.[1].toLowerCase();
  if (unknown === undefined) return '';
  // Of names that are equally near the first one wins: `rat` is `rate` cut short rather than `rad`.
  const names = [...Object.keys(AGGREGATE_WORDS), ...FUNCTIONS.keys()];
  const near = nearest(unknown, [...names.filter((name) => name.startsWith(unknown)), ...names]);
  return near === undefined ? '' : `\n  did you mean ${JSON.stringify(near)}?`;
}
