import { colours } from './colours.ts';
import { toYaml } from '../lib/yaml-print.ts';

export type OutputFormat = 'table' | 'json' | 'yaml';

/** Rows under their titles, or the same data for programs. Colour only on a terminal. */
export function printData(
  format: OutputFormat,
  data: unknown,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  if (format === 'json') process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
  else if (format === 'yaml') process.stdout.write(toYaml(data));
  else process.stdout.write(table(titles, rows));
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => visibleLength(row[i] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === cells.length - 1 ? cell : cell + ' '.repeat(widths[i] - visibleLength(cell))))
      .join('  ');
  return [colours.dim(line(titles)), ...rows.map(line)].map((text) => `${text.trimEnd()}\n`).join('');
}

/** Without the colours, which take no place on the screen. */
function visibleLength(text: string): number {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/\u{1b}\[\d+m/gu, '').length;
}

/** `3m20s`, coarse: an age for people. */
function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60)}m`;
  return `${Math.floor(seconds / 86_400)}d${Math.floor((seconds % 86_400) / 3600)}h`;
}

/** The age of a time as the API writes it; Go's zero time, year 1, is never. */
export function since(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) || ms <= 0 ? 'never' : age(Date.now() - ms);
}
