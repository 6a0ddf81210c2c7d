import { type AskOptions, ApiClient } from './client.ts';
import { EXIT } from './exit.ts';
import { colours } from './colours.ts';
import { type Cell, printData, readableNumber, seriesName, since, stateCell } from './output.ts';

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
      stateCell(rule.health === 'err' ? 'err' : (rule.state ?? rule.health)),
      since(rule.lastEvaluation),
      rule.lastError ?? '',
    ]),
  );
  printData(options.output, data, ['GROUP', 'RULE', 'TYPE', 'STATE', 'EVALUATED', 'ERROR'], rows);
}

/** Lines of the last page that were not taken. */
interface LeftOut {
  readonly lines: number;
  readonly first: string;
}

interface TargetsData {
  readonly activeTargets: readonly {
    readonly scrapePool: string;
    readonly scrapeUrl: string;
    readonly health: string;
    readonly lastError: string;
    readonly lastScrape: string;
    readonly lastScrapeDuration: number;
    readonly leftOut?: LeftOut;
  }[];
}

export async function targets(options: AskOptions): Promise<void> {
  const data = await new ApiClient(options).data<TargetsData>('/api/v1/targets', { state: 'active' });
  const rows = data.activeTargets.map((target) => [
    target.scrapePool,
    target.scrapeUrl,
    stateCell(target.health),
    since(target.lastScrape),
    `${Math.round(target.lastScrapeDuration * 1000)}ms`,
    troubleCell(target),
  ]);
  printData(options.output, data, ['JOB', 'TARGET', 'HEALTH', 'SCRAPED', 'TOOK', 'ERROR'], rows);
}

/** Why the scrape failed, else what was left out of the page. */
function troubleCell({ lastError, leftOut }: TargetsData['activeTargets'][number]): Cell {
  if (lastError !== '' || leftOut === undefined) return lastError;
  const { lines, first } = leftOut;
  const text = `${lines} ${lines === 1 ? 'line' : 'lines'} left out, the first: ${first}`;
  return { text, colour: colours.yellow };
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

/** Ends with 1 while an alert fires, so that scripts can ask. */
export async function listAlerts(options: AskOptions): Promise<void> {
  const data = await new ApiClient(options).data<AlertsData>('/api/v1/alerts');
  const firingFirst = data.alerts.toSorted((a, b) => Number(b.state === 'firing') - Number(a.state === 'firing'));
  const rows = firingFirst.map(({ labels: { alertname, ...labels }, annotations, state, activeAt, value }) => [
    alertname ?? '',
    stateCell(state),
    since(activeAt),
    readableNumber(value),
    seriesName(labels),
    annotations.summary ?? '',
  ]);
  if (rows.length === 0 && options.output === 'table') console.error('no alert is pending or firing');
  else printData(options.output, data, ['ALERT', 'STATE', 'SINCE', 'VALUE', 'LABELS', 'SUMMARY'], rows);
  if (data.alerts.some(({ state }) => state === 'firing')) process.exitCode = EXIT.problem;
}
