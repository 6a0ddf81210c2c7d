import { colours } from './colours.ts';
import { parseDuration } from '../lib/duration.ts';
import { sleep } from '../lib/sleep.ts';
import { ApiClient } from './client.ts';
import { CommandError, EXIT } from './exit.ts';
import { type OutputFormat, printData, since } from './output.ts';

export interface AskOptions {
  readonly url: string;
  readonly tokenFile?: string;
  readonly output: OutputFormat;
}

interface QueryData {
  readonly resultType: string;
  readonly result: unknown;
}

interface SeriesResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
  readonly histogram?: readonly [number, { readonly count: string; readonly sum: string }];
}

export interface QueryOptions extends AskOptions {
  readonly at?: string;
  readonly start?: string;
  readonly end?: string;
  readonly step: string;
}

export async function query(expr: string, options: QueryOptions): Promise<void> {
  const client = new ApiClient(options);
  const end = options.end ?? String(Date.now() / 1000);
  const data =
    options.start === undefined
      ? await client.data<QueryData>('/api/v1/query', { query: expr, time: options.at })
      : await client.data<QueryData>('/api/v1/query_range', {
          query: expr,
          start: startOf(options.start, end),
          end,
          step: options.step,
        });
  if (data.resultType === 'scalar' || data.resultType === 'string') {
    const [, value] = data.result as [number, string];
    return printData(options.output, data, ['VALUE'], [[value]]);
  }
  const rows = (data.result as SeriesResult[]).flatMap(({ metric, value, values, histogram }) => {
    const name = seriesName(metric);
    if (values !== undefined) return values.map(([at, sample]) => [name, new Date(at * 1000).toISOString(), sample]);
    const text = value?.[1] ?? `histogram count ${histogram?.[1].count} sum ${histogram?.[1].sum}`;
    return [options.start === undefined ? [name, text] : [name, '', text]];
  });
  printData(
    options.output,
    data,
    options.start === undefined ? ['SERIES', 'VALUE'] : ['SERIES', 'TIME', 'VALUE'],
    rows,
  );
}

/** `1h` before the end, or a time as it is. */
function startOf(start: string, end: string): string {
  const before = parseDuration(start);
  if (before === undefined) return start;
  const endSeconds = /^[\d.]+$/.test(end) ? Number(end) : Date.parse(end) / 1000;
  return String(endSeconds - before / 1000);
}

function seriesName({ __name__: name = '', ...labels }: Readonly<Record<string, string>>): string {
  const inner = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return inner.length === 0 && name !== '' ? name : `${name}{${inner.join(', ')}}`;
}

interface LogAnswer {
  readonly records: readonly {
    readonly timestamp: number;
    readonly level: string;
    readonly message: string;
    readonly fields: Readonly<Record<string, string>>;
  }[];
  readonly cursor: string;
}

export interface LogOptions extends AskOptions {
  readonly since: string;
  readonly limit: string;
  readonly follow?: boolean;
}

export async function logs(text: string | undefined, options: LogOptions): Promise<void> {
  const since = parseDuration(options.since);
  if (since === undefined)
    throw new CommandError(
      EXIT.usage,
      `--since: expected a duration such as 15m, not ${JSON.stringify(options.since)}`,
    );
  const client = new ApiClient(options);
  const search = (parameters: Record<string, string | number | undefined>) =>
    client.data<LogAnswer>('/api/crowsnest/v1/logs', { query: text, ...parameters });
  const answer = await search({ start: (Date.now() - since) / 1000, limit: options.limit, order: 'newest' });
  const records = [...answer.records].reverse();
  if (!options.follow) {
    if (options.output === 'table') for (const record of records) printRecord(record);
    else printData(options.output, records, [], []);
    return;
  }
  for (const record of records) printRecord(record);
  for (let cursor = answer.cursor; await sleep(1000);) {
    const next = await search({ start: (Date.now() - 3_600_000) / 1000, limit: 1000, order: 'oldest', after: cursor });
    for (const record of next.records) printRecord(record);
    cursor = next.cursor;
  }
}

const LEVEL_COLOURS: Readonly<Record<string, (text: string) => string>> = {
  error: colours.red,
  fatal: colours.red,
  warn: colours.yellow,
  debug: colours.dim,
  trace: colours.dim,
};

/** Everything that moves a cursor or rings a bell, but for the tab. */
// oxlint-disable-next-line no-control-regex -- these are the ones to show
const CONTROL = /[\u{0}-\u{8}\u{a}-\u{1f}\u{7f}-\u{9f}]/gu;

/** A record on one line. Control characters of the message are shown, not obeyed: a log line must not drive the terminal. */
function printRecord({ timestamp, level, message, fields }: LogAnswer['records'][number]): void {
  const origin = fields['kubernetes.pod.name'] ?? fields['log.file.path'] ?? '';
  const safe = message.replaceAll(CONTROL, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  const colour = LEVEL_COLOURS[level] ?? ((plain: string) => plain);
  process.stdout.write(`${colours.dim(new Date(timestamp).toISOString())} ${colours.cyan(origin)} ${colour(safe)}\n`);
}

interface RulesData {
  readonly groups: readonly {
    readonly name: string;
    readonly file: string;
    readonly rules: readonly {
      readonly name: string;
      readonly type: string;
      readonly state?: string;
      readonly health: string;
      readonly lastError?: string;
      readonly lastEvaluation: string;
    }[];
  }[];
}

export async function rules(options: AskOptions): Promise<void> {
  const data = await new ApiClient(options).data<RulesData>('/api/v1/rules');
  const rows = data.groups.flatMap((group) =>
    group.rules.map((rule) => [
      group.name,
      rule.name,
      rule.type,
      stateColour(rule.state ?? rule.health),
      since(rule.lastEvaluation),
      rule.lastError ?? '',
    ]),
  );
  printData(options.output, data, ['GROUP', 'RULE', 'TYPE', 'STATE', 'EVALUATED', 'ERROR'], rows);
}

interface TargetsData {
  readonly activeTargets: readonly {
    readonly scrapePool: string;
    readonly scrapeUrl: string;
    readonly health: string;
    readonly lastError: string;
    readonly lastScrape: string;
    readonly lastScrapeDuration: number;
  }[];
}

export async function targets(options: AskOptions): Promise<void> {
  const data = await new ApiClient(options).data<TargetsData>('/api/v1/targets', { state: 'active' });
  const rows = data.activeTargets.map((target) => [
    target.scrapePool,
    target.scrapeUrl,
    stateColour(target.health),
    since(target.lastScrape),
    `${Math.round(target.lastScrapeDuration * 1000)}ms`,
    target.lastError,
  ]);
  printData(options.output, data, ['JOB', 'TARGET', 'HEALTH', 'SCRAPED', 'TOOK', 'ERROR'], rows);
}

interface AlertsData {
  readonly alerts: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly state: string;
    readonly activeAt: string;
    readonly value: string;
  }[];
}

/** Ends with 1 while something fires, so that scripts can ask. */
export async function listAlerts(options: AskOptions): Promise<void> {
  const data = await new ApiClient(options).data<AlertsData>('/api/v1/alerts');
  const firingFirst = data.alerts.toSorted((a, b) => Number(b.state === 'firing') - Number(a.state === 'firing'));
  const rows = firingFirst.map(({ labels: { alertname, ...labels }, annotations, state, activeAt, value }) => [
    alertname,
    stateColour(state),
    since(activeAt),
    readableNumber(value),
    seriesName(labels),
    annotations.summary ?? '',
  ]);
  printData(options.output, data, ['ALERT', 'STATE', 'SINCE', 'VALUE', 'LABELS', 'SUMMARY'], rows);
  if (data.alerts.some(({ state }) => state === 'firing')) process.exitCode = EXIT.problem;
}

/** The API says `9.9994752072491e-01`. */
function readableNumber(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : text;
}

function stateColour(state: string): string {
  if (state === 'firing' || state === 'down' || state === 'err') return colours.red(state);
  if (state === 'pending' || state === 'unknown') return colours.yellow(state);
  return colours.green(state);
}
