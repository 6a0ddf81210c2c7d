import { createRemoteQuery } from '../alerting/evaluate/remote-query.ts';
import { reportCsv } from '../alerting/slo/report/csv.ts';
import { objectiveFigures } from '../alerting/slo/report/figures.ts';
import { reportMarkdown } from '../alerting/slo/report/markdown.ts';
import { type Period, monthBefore } from '../alerting/slo/report/period.ts';
import { HttpError } from '../lib/http/client.ts';
import { printableText } from '../lib/text/printable.ts';
import { CommandError, EXIT } from './exit.ts';

export interface ReportOptions {
  readonly url: string;
  readonly tokenFile?: string;
  readonly month?: Period;
  readonly output: 'markdown' | 'csv' | 'json';
}

/** Milliseconds for one query: a month of many objectives is read by each. */
const TIMEOUT = 120_000;

/** Prints how objectives did in a month; with exit code 1 where none is recorded. */
export async function sloReport({ url, tokenFile, month, output }: ReportOptions): Promise<void> {
  const period = month ?? monthBefore(Date.now());
  const http_config = tokenFile === undefined ? undefined : { follow_redirects: true, bearer_token_file: tokenFile };
  const { query } = createRemoteQuery({ url, timeout: TIMEOUT, http_config });
  const figures = await objectiveFigures(query, period, Date.now()).catch((error: unknown) => {
    throw new CommandError(error instanceof HttpError ? EXIT.unreachable : EXIT.problem, (error as Error).message);
  });
  if (figures.length === 0)
    throw new CommandError(EXIT.problem, `${url} has no objective in ${period.title}: no series slo:objective:ratio`);
  const text = { markdown: reportMarkdown, csv: reportCsv, json: reportJson }[output](figures, period);
  process.stdout.write(printableText(text));
}

function reportJson(objectives: unknown, { name, from, to }: Period): string {
  const [start, end] = [from, to].map((ms) => new Date(ms).toISOString());
  return `${JSON.stringify({ period: name, from: start, to: end, objectives }, null, 2)}\n`;
}
