/** The time that Explore looks at, as the URL has it: `range=1h` up to now or to `end`. */
export interface TimeRange {
  readonly length: number;
  /** Milliseconds; undefined = now. */
  readonly end: number | undefined;
}

export const RANGES = ['5m', '15m', '1h', '3h', '12h', '1d', '2d', '7d', '14d', '30d'] as const;

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const SHORTEST = 1000;
const LONGEST = 3650 * UNITS.d;
/** 9999-12-31: the last day that the server and a date field can both name. */
const LAST_TIME = 253_402_214_400_000;

/** Milliseconds of `90s` or `1h`, within a second and ten years; an hour for what is no length. */
export function parseLength(text: string | undefined): number {
  const match = /^(\d+)([smhdw])$/.exec(text ?? '');
  return match === null ? UNITS.h : bounded(Number(match[1]) * UNITS[match[2]]);
}

function bounded(length: number): number {
  return Math.min(LONGEST, Math.max(SHORTEST, length));
}

/** The exact form in the largest unit: 7200000 is `2h`. */
export function formatLength(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's']) if (ms % UNITS[unit] === 0) return `${ms / UNITS[unit]}${unit}`;
  return `${Math.max(1, Math.round(ms / 1000))}s`;
}

/** Between two times, at least a second long, on whole seconds. */
export function rangeBetween(start: number, end: number): TimeRange {
  return { length: bounded(Math.round((end - start) / 1000) * 1000), end: Math.round(end) };
}

/** What the address says, and in `faults` what of it is no time or length and was left out. */
export function rangeOf(params: Readonly<Record<string, string>>): TimeRange & { readonly faults: readonly string[] } {
  const faults: string[] = [];
  const length = parseLength(params.range);
  if (params.range !== undefined && formatOf(params.range) !== length)
    faults.push(`range=${params.range.slice(0, 40)} is no length from 1s to 3650d; shown are ${formatLength(length)}.`);
  let end: number | undefined;
  if (params.end !== undefined) {
    const given = params.end.trim() === '' ? Number.NaN : Number(params.end);
    if (given >= 0 && given <= LAST_TIME) end = given;
    else
      faults.push(`end=${params.end.slice(0, 40)} is no time in milliseconds from 1970 to 9999; shown is up to now.`);
  }
  return { length, end, faults };
}

function formatOf(text: string): number {
  const match = /^(\d+)([smhdw])$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * UNITS[match[2]];
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];

/** Milliseconds between points so that each has about three pixels. */
export function stepFor(length: number, width: number): number {
  const ideal = length / 1000 / Math.max(60, width / 3);
  return (STEPS.find((step) => step >= ideal) ?? Math.ceil(ideal / 86_400) * 86_400) * 1000;
}
