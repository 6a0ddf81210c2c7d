import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Period, monthNamed } from '../alerting/slo/report/period.ts';
import { decodeText } from '../lib/text/decode-text.ts';
import { printableText } from '../lib/text/printable.ts';
import { examples, urlArgument } from './options.ts';
import type { ReportOptions } from './slo-report.ts';

/** The commands for service-level objectives. */
export function registerSlo(program: Command): void {
  const slo = program.command('slo').description('service-level objectives');
  slo
    .command('generate <files...>')
    .description('print the rules that crowsnest evaluates for objectives of Sloth, OpenSLO or Pyrra')
    .addHelpText('after', examples('slo generate shop.yaml', 'slo generate slos/*.yaml > rules.yaml'))
    .action(generate);
  slo
    .command('report')
    .description('print how the objectives of a crowsnest, or of any Prometheus API, did in a month')
    .addOption(
      new Option('--url <url>', 'where to ask')
        .env('CROWSNEST_URL')
        .argParser(urlArgument)
        .default('http://127.0.0.1:9780'),
    )
    .option('--token-file <file>', 'file with a bearer token')
    .option('--month <month>', 'such as 2026-11, in UTC (default: the last that is over)', monthArgument)
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['markdown', 'csv', 'json']).default('markdown'),
    )
    .addHelpText(
      'after',
      examples(
        'slo report',
        'slo report --month 2026-11 -o csv > november.csv',
        'slo report --url https://mimir/prometheus',
      ),
    )
    .action(async (options: ReportOptions) => (await import('./slo-report.ts')).sloReport(options));
}

async function generate(files: readonly string[]): Promise<void> {
  const { generateRules } = await import('../alerting/slo/generate.ts');
  const texts: string[] = [];
  for (const file of files) texts.push(generateRules(decodeText(await readFile(file), file), file));
  process.stdout.write(printableText(texts.join('---\n')));
}

function monthArgument(text: string): Period {
  const month = monthNamed(text);
  if (month === undefined || month.from > Date.now())
    throw new InvalidArgumentError('expected a month that has begun, such as 2026-11.');
  return month;
}
