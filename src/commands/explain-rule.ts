import { formatDuration } from '../lib/time/duration.ts';
import { nearest } from '../lib/schema/nearest.ts';
import { printableLine } from '../lib/text/printable.ts';
import { type AskOptions, ApiClient } from './client.ts';
import { colours } from './colours.ts';
import { CommandError, EXIT } from './exit.ts';
import { printData, readableNumber, seriesName, since, stateCell } from './output.ts';
import { type RuleValues, ruleValues } from './rule-values.ts';

export interface ExplainRuleOptions extends AskOptions {
  readonly queryUrl?: string;
}

export interface ShownRule {
  readonly name: string;
  readonly type: 'alerting' | 'recording';
  readonly query: string;
  /** Seconds. */
  readonly duration?: number;
  readonly state?: 'inactive' | 'pending' | 'firing';
  readonly health: string;
  readonly lastError?: string;
  readonly lastEvaluation: string;
  readonly alerts?: readonly { readonly state: string; readonly activeAt: string }[];
}

interface RulesData {
  readonly groups: readonly { readonly name: string; readonly file: string; readonly rules: readonly ShownRule[] }[];
}

interface Explained extends RuleValues {
  readonly group: string;
  readonly file: string;
  readonly rule: ShownRule;
  readonly why: string;
}

/** Values that are listed of one condition. */
const LISTED = 10;

/** `explain rule NAME`: why it fires, or what is missing: series that its selectors match, values beside their limits. */
export async function explainRule(name: string, options: ExplainRuleOptions): Promise<void> {
  const { groups } = await new ApiClient(options).data<RulesData>('/api/v1/rules');
  const found = groups.flatMap((group) =>
    group.rules.filter((rule) => rule.name === name).map((rule) => ({ group: group.name, file: group.file, rule })),
  );
  if (found.length === 0) throw unknownRule(name, groups);
  const values = new ApiClient({ ...options, url: options.queryUrl ?? options.url });
  const explained: Explained[] = [];
  for (const { group, file, rule } of found) {
    const result = await ruleValues(rule.query, (query) => values.data('/api/v1/query', { query }));
    explained.push({ group, file, rule, ...result, why: whyOf(rule, result) });
  }
  if (options.output !== 'table') return printData(options.output, explained, [], []);
  for (const one of explained) print(one);
}

function unknownRule(name: string, groups: RulesData['groups']): CommandError {
  const names = [...new Set(groups.flatMap(({ rules }) => rules.map((rule) => rule.name)))];
  const near = nearest(name, names);
  const hint = near === undefined ? '`crowsnest rules` lists them' : `did you mean ${JSON.stringify(near)}?`;
  return new CommandError(EXIT.problem, `no rule ${JSON.stringify(name)} is loaded; ${hint}`);
}

/** One sentence: why the rule is in the state that it is in. */
export function whyOf(rule: ShownRule, { selectors, conditions, error, results }: RuleValues): string {
  if (rule.health === 'err') return `the last evaluation failed: ${rule.lastError ?? 'no reason given'}`;
  if (rule.health === 'unknown') return 'it was not evaluated yet';
  if (error !== '') return `its values cannot be asked for: ${error}`;
  if (rule.type === 'recording') return `it records ${series(results)}`;
  const alerts = rule.alerts ?? [];
  if (rule.state === 'firing')
    return `${series(alerts.filter(({ state }) => state === 'firing').length)} met it for long enough`;
  if (rule.state === 'pending') return pendingWords(rule, alerts);
  if (results > 0) return `the expression returns ${series(results)} now: the next evaluation sees it`;
  const unmatched = selectors.filter(({ count }) => count === 0);
  if (unmatched.length > 0 && !/\babsent/.test(rule.query))
    return unmatched.map(({ selector, hint }) => `${selector} matches no series${hint}`).join('; ');
  const unmet = conditions.find(({ met, series: all }) => met === 0 && all > 0);
  if (unmet !== undefined) {
    const near = unmet.nearest === undefined ? '' : `; the nearest is ${readableNumber(String(unmet.nearest))}`;
    return `none of the ${series(unmet.series)} of ${unmet.left} is ${unmet.op} ${unmet.right}${near}`;
  }
  if (conditions.length > 1 && conditions.every(({ met }) => met > 0))
    return 'each condition is met by some series, but not by series whose labels match';
  return 'the expression returns no series';
}

function pendingWords({ duration = 0 }: ShownRule, alerts: readonly { readonly activeAt: string }[]): string {
  const oldest = Math.min(...alerts.map(({ activeAt }) => Date.parse(activeAt)));
  const left = Math.max(0, Math.ceil((oldest + duration * 1000 - Date.now()) / 1000)) * 1000;
  return `${series(alerts.length)} met it since ${since(new Date(oldest).toISOString())}; it fires in ${formatDuration(left)} at the earliest, after ${formatDuration(duration * 1000)} in all`;
}

function series(count: number): string {
  return `${count} series`;
}

function print({ group, file, rule, selectors, conditions, why }: Explained): void {
  const state = stateCell(rule.health === 'err' ? 'err' : (rule.state ?? rule.health));
  const shownState = typeof state === 'string' ? state : state.colour(state.text);
  const lines = [
    `${colours.bold(printableLine(rule.name))}  ${rule.type}  ${shownState}  evaluated ${since(rule.lastEvaluation)} ago`,
    colours.dim(printableLine(`group ${group} in ${file}`)),
    printableLine(`${rule.query}${rule.duration ? `   for ${formatDuration(rule.duration * 1000)}` : ''}`),
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const counts = selectors.map(({ selector, count, hint }) => [selector, String(count), hint.replace(/^; /, '')]);
  if (counts.length > 0) printData('table', undefined, ['SELECTOR', 'SERIES', ''], counts);
  for (const condition of conditions) {
    const { left, op, right, met, values, series: all } = condition;
    process.stdout.write(`\n${printableLine(`${left} ${op} ${right}`)}: met by ${met} of ${series(all)}\n`);
    const rows = values
      .slice(0, LISTED)
      .map(({ metric, value }) => [readableNumber(value), `${op} ${right}`, seriesName(metric)]);
    if (rows.length > 0) printData('table', undefined, ['VALUE', 'LIMIT', 'SERIES'], rows);
    if (values.length > LISTED) process.stdout.write(colours.dim(`and ${values.length - LISTED} more\n`));
  }
  process.stdout.write(`\n${colours.bold('why')}  ${printableLine(why)}\n`);
}
