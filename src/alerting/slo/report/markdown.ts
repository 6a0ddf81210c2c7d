import { formatSpan } from '../../page/words.ts';
import type { ObjectiveFigures } from './figures.ts';
import type { Period } from './period.ts';

/** The report as Markdown: what was missed first, then a table for each service, then the days that cost most. */
export function reportMarkdown(all: readonly ObjectiveFigures[], period: Period): string {
  const services = [...new Set(all.map(({ service }) => service))];
  return [
    `# Objectives in ${period.title}`,
    '',
    summary(all),
    ...services.flatMap((service) => serviceTable(service, all)),
    ...worstDays(all),
    '',
    `From ${day(period.from)} up to ${day(period.to)}, UTC. The budget is the share of events that may be bad in this time; each five minutes count alike.`,
    '',
  ].join('\n');
}

function summary(all: readonly ObjectiveFigures[]): string {
  if (all.length === 0) return 'No objective was recorded in this time.';
  const missed = all.filter(({ spent }) => spent > 1);
  const rest = `${all.length - missed.length} of ${all.length} objectives were met.`;
  if (missed.length === 0) return rest;
  const list = missed.map((one) => `- **${nameOf(one)}**: ${percent(one.spent)} of its budget was spent`);
  return [`${rest} Missed:`, '', ...list].join('\n');
}

function serviceTable(service: string, all: readonly ObjectiveFigures[]): string[] {
  const rows = all.filter((one) => one.service === service);
  const clusters = rows.some(({ cluster }) => cluster !== '');
  const titles = ['objective', ...(clusters ? ['cluster'] : []), 'goal', 'reached', 'budget spent', 'left', 'paged', 'tickets', 'data']; // prettier-ignore
  return [
    '',
    `## ${escape(service)}`,
    '',
    row(titles),
    row(titles.map((_, i) => (i <= Number(clusters) ? '---' : '--:'))),
    ...rows.map((one) =>
      row([
        escape(one.slo),
        ...(clusters ? [escape(one.cluster)] : []),
        percent(one.goal),
        one.reached === undefined ? 'no data' : percent(one.reached),
        percent(one.spent),
        percent(1 - one.spent),
        span(one.paged),
        span(one.ticketed),
        percent(one.covered),
      ]),
    ),
  ];
}

/** Days that spent at least a tenth of a period's budget, the worst first. */
function worstDays(all: readonly ObjectiveFigures[]): string[] {
  const worst = all
    .flatMap((objective) => objective.days.map(({ day: on, spent }) => ({ objective, on, spent })))
    .filter(({ spent }) => spent >= 0.1)
    .sort((a, b) => b.spent - a.spent)
    .slice(0, 10);
  if (worst.length === 0) return [];
  return [
    '',
    '## Days that cost most',
    '',
    ...worst.map(({ objective, on, spent }) => `- ${on} ${nameOf(objective)}: ${percent(spent)} of the budget`),
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function nameOf({ service, slo, cluster }: ObjectiveFigures): string {
  return escape(`${service} ${slo}${cluster === '' ? '' : ` (${cluster})`}`);
}

/** Names come from outside: nothing in them may begin a cell, a link, HTML or a line. */
function escape(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]()#+!|<>&~]/g, String.raw`\$&`);
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(5))} %`;
}

function span(minutes: number): string {
  return minutes === 0 ? '–' : formatSpan(minutes * 60_000);
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
