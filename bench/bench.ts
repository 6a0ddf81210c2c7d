/** What the command line sets; each bench reads what concerns it. */
export interface Settings {
  /** Everything small: to see that it runs, not for figures. */
  readonly quick: boolean;
  readonly seconds?: number;
  readonly minutes?: number;
  readonly mib?: number;
  readonly rounds?: number;
  readonly targets?: number;
  readonly millions?: number;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  /** The options it reads, as the list of benches shows them. */
  readonly options: string;
  run(settings: Settings): Promise<readonly Table[]>;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What a reader must know, such as peers that were not here. */
  readonly notes?: readonly string[];
}

/** As Markdown, columns aligned. */
export function format({ title, columns, rows, notes = [] }: Table): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const remarks = notes.map((note) => `${note}\n`).join('');
  return `${title}\n\n${[line(columns), rule, ...rows.map(line)].join('\n')}\n${remarks === '' ? '' : `\n${remarks}`}`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
export const ms = (milliseconds: number) => `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
export const ratio = (ours: number, theirs: number) => `${(ours / theirs).toFixed(2)}×`;
