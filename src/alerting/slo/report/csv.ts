import type { ObjectiveFigures } from './figures.ts';
import type { Period } from './period.ts';

const TITLES = [
  'period', 'service', 'objective', 'cluster', 'goal', 'reached', 'budget_spent', 'budget_left', 'paged_minutes',
  'ticket_minutes', 'data_coverage',
]; // prettier-ignore

/** The report as CSV: a row for each objective, shares from 0 to 1. */
export function reportCsv(all: readonly ObjectiveFigures[], { name }: Period): string {
  const rows = all.map(({ service, slo, cluster, goal, reached, spent, paged, ticketed, covered }) => [
    name, service, slo, cluster, goal, reached ?? '', spent, 1 - spent, paged, ticketed, covered,
  ]); // prettier-ignore
  return [TITLES, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(12)));
  // A name that a spreadsheet would take for a formula.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
