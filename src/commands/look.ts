import { type Command, Option } from 'commander';
import type { AskOptions } from './client.ts';
import type { ExplainRuleOptions } from './explain-rule.ts';
import type { LogOptions } from './logs.ts';
import {
  countArgument,
  durationArgument,
  examples,
  outputOption,
  startArgument,
  stepArgument,
  timeArgument,
  urlArgument,
} from './options.ts';
import type { QueryOptions } from './query.ts';

/** The most records that the API returns at once. */
const MOST_RECORDS = 5000;

/** The commands that ask a running crowsnest. Each loads what it needs, the client among it, when it is called. */
export function registerLook(program: Command): void {
  asks(program.command('query <expr>'))
    .description('evaluate PromQL on a running crowsnest or any Prometheus API')
    .option('--at <time>', 'evaluation time, RFC 3339 or Unix seconds (default: now)', timeArgument)
    .option('--start <time>', 'start of a range query: a time, or a duration before the end', startArgument)
    .option('--end <time>', 'end of a range query (default: now)', timeArgument)
    .option('--step <duration>', 'resolution of a range query', stepArgument, '15s')
    .addHelpText(
      'after',
      examples("query 'up'", "query --start 1h --step 1m -o json 'rate(node_cpu_seconds_total[5m])'"),
    )
    .action(async (expr: string, options: QueryOptions) => (await import('./query.ts')).query(expr, options));

  asks(program.command('logs [query]'))
    .description('search the logs; the query is the KQL subset of docs/logs.md')
    .addOption(new Option('--since <duration>', 'how far back').argParser(durationArgument).default(15 * 60_000, '15m'))
    .option('-n, --limit <count>', `the most records, up to ${MOST_RECORDS}`, countArgument(MOST_RECORDS), 200)
    .option('-f, --follow', 'go on printing new records')
    .option('--files', 'list the log files that are followed, instead of records')
    .addHelpText(
      'after',
      examples('logs -f', `logs --since 1h 'log.level: error and kubernetes.namespace: shop'`, 'logs --files'),
    )
    .action(async (text: string | undefined, options: LogOptions) => (await import('./logs.ts')).logs(text, options));

  asks(program.command('rules'))
    .description('rule groups with state, last evaluation and last error')
    .addHelpText('after', examples('rules', 'rules -o json'))
    .action(async (options: AskOptions) => (await import('./list.ts')).rules(options));
  asks(program.command('targets'))
    .description('what is scraped, with the last error of each target')
    .addHelpText('after', examples('targets', 'targets -o yaml'))
    .action(async (options: AskOptions) => (await import('./list.ts')).targets(options));
  registerExplain(program);
}

/** `explain rule`: why a rule fires, or does not. */
function registerExplain(program: Command): void {
  asks(
    program
      .command('explain')
      .description('say why something is as it is')
      .addHelpText('after', examples('explain rule HighErrorRate'))
      .command('rule <name>'),
  )
    .description('why a rule fires or does not: the series that it matches, and their values beside its limits')
    .addOption(
      new Option('--query-url <url>', 'where to evaluate, where the rules run in `crowsnest alerts`').argParser(
        urlArgument,
      ),
    )
    .addHelpText(
      'after',
      examples(
        'explain rule HighErrorRate',
        'explain rule HighErrorRate --url http://alerts:9780 --query-url http://prometheus:9090',
      ),
    )
    .action(async (name: string, options: ExplainRuleOptions) =>
      (await import('./explain-rule.ts')).explainRule(name, options),
    );
}

/** Lists the alerts that are pending or firing; a subcommand of `alerts`, which by itself runs the alert manager. */
export function registerAlertsList(alerts: Command): void {
  asks(alerts.command('list'))
    .description('alerts that are pending or firing on a running crowsnest')
    .addHelpText('after', examples('alerts list', 'alerts list -o json'))
    .action(async (options: AskOptions) => (await import('./list.ts')).listAlerts(options));
}

/** The options of every command that asks a running crowsnest. */
export function asks(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'where crowsnest answers')
        .env('CROWSNEST_URL')
        .argParser(urlArgument)
        .default('http://127.0.0.1:9780'),
    )
    .option('--token-file <file>', 'bearer token for the API')
    .addOption(outputOption());
}
