import { type Command, Option } from 'commander';
import type { AskOptions, LogOptions, QueryOptions } from './ask.ts';
import { examples } from './options.ts';

/** The client, and all that it brings, is loaded when one of these is called. */
const ask = () => import('./ask.ts');

/** The commands that ask a running crowsnest: query, logs, alerts list, rules, targets. */
export function registerLook(program: Command): void {
  asks(program.command('query <expr>'))
    .description('evaluate PromQL on a running crowsnest or any Prometheus API')
    .option('--at <time>', 'evaluation time, RFC 3339 or Unix seconds (default: now)')
    .option('--start <time>', 'start of a range query: a time, or a duration before the end')
    .option('--end <time>', 'end of a range query (default: now)')
    .option('--step <duration>', 'resolution of a range query', '15s')
    .addHelpText(
      'after',
      examples("query 'up'", "query --start 1h --step 1m -o json 'rate(node_cpu_seconds_total[5m])'"),
    )
    .action(async (expr: string, options: QueryOptions) => (await ask()).query(expr, options));

  asks(program.command('logs [query]'))
    .description('search the logs; the query is the KQL subset of docs/logs.md')
    .option('--since <duration>', 'how far back', '15m')
    .option('-n, --limit <count>', 'the most records', '200')
    .option('-f, --follow', 'go on printing what comes')
    .addHelpText('after', examples('logs -f', `logs --since 1h 'log.level: error and kubernetes.namespace: shop'`))
    .action(async (text: string | undefined, options: LogOptions) => (await ask()).logs(text, options));

  asks(program.command('rules'))
    .description('rule groups with state, last evaluation and last error')
    .addHelpText('after', examples('rules', 'rules -o json'))
    .action(async (options: AskOptions) => (await ask()).rules(options));
  asks(program.command('targets'))
    .description('what is scraped, with the last error of each')
    .addHelpText('after', examples('targets', 'targets -o yaml'))
    .action(async (options: AskOptions) => (await ask()).targets(options));
}

/** Lists the alerts that are pending or firing; a subcommand of `alerts`, which by itself runs the alert manager. */
export function registerAlertsList(alerts: Command): void {
  asks(alerts.command('list'))
    .description('alerts that are pending or firing on a running crowsnest')
    .addHelpText('after', examples('alerts list', 'alerts list -o json'))
    .action(async (options: AskOptions) => (await ask()).listAlerts(options));
}

function asks(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'where crowsnest answers').env('CROWSNEST_URL').default('http://127.0.0.1:9780'),
    )
    .option('--token-file <file>', 'bearer token for the API')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json', 'yaml']).default('table'));
}
