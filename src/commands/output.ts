import { printableJson, printableLine } from '../lib/text/printable.ts';
import { toYaml } from '../lib/schema/yaml-print.ts';
import { colours } from './colours.ts';
import type { OUTPUT_FORMATS } from './options.ts';

export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** A cell of a table. Its text may come from anywhere: what could drive the terminal is escaped when it is printed. */
export type Cell = string | { readonly text: string; readonly colour: (text: string) => string };

/** Prints rows under their titles, or the same data for programs. */
export function printData(
  format: OutputFormat,
  data: unknown,
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
): void {
  if (format === 'json') process.stdout.write(`${printableJson(JSON.stringify(data, null, 2))}\n`);
  else if (format === 'yaml') process.stdout.write(toYaml(data));
  else process.stdout.write(table(titles, rows));
}

function table(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map((cell) => printableLine(typeof cell === 'string' ? cell : cell.text)));
  const widths = titles.map((title, i) => Math.max(title.length, ...texts.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[], coloured: (text: string, i: number) => string) =>
    cells
      .map((text, i) => coloured(text, i) + (i === cells.length - 1 ? '' : ' '.repeat(widths[i] - text.length)))
      .join('  ')
      .trimEnd();
  const lines = [
    colours.dim(line(titles, (text) => text)),
    ...texts.map((row, r) =>
      line(row, (text, i) => {
        const cell = rows[r][i];
        return typeof cell === 'string' ? text : cell.colour(text);
      }),
    ),
  ];
  return lines.map((text) => `${text}\n`).join('');
}

/** A state in the colour of its urgency. */
export function stateCell(state: string): Cell {
  return { text: state, colour: STATE_COLOURS[state] ?? colours.green };
}

const STATE_COLOURS: Readonly<Record<string, (text: string) => string>> = {
  firing: colours.red,
  down: colours.red,
  err: colours.red,
  failed: colours.red,
  pending: colours.yellow,
  unknown: colours.yellow,
  skipped: colours.yellow,
};

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

/** Bytes as `3.1 MB`. */
export function readableBytes(bytes: number): string {
  for (const [unit, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const)
    if (bytes >= size) return `${(bytes / size).toFixed(1)} ${unit}`;
  return `${bytes} B`;
}

/** A number to six digits: the API writes `9.9994752072491e-01`. */
export function readableNumber(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : text;
}

/** A series as PromQL selects it. */
export function seriesName({ __name__: name = '', ...labels }: Readonly<Record<string, string>>): string {
  const inner = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return inner.length === 0 && name !== '' ? name : `${name}{${inner.join(', ')}}`;
}
