/** The time that Explore looks at, as it stands in the address: `range=1h` up to now or to `end`. */
export interface TimeRange {
  readonly length: number;
  /** Milliseconds; undefined = now. */
  readonly end: number | undefined;
}

export const RANGES = ['5m', '15m', '1h', '3h', '12h', '1d', '2d', '7d', '14d', '30d'] as const;

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export function parseLength(text: string | undefined): number {
  const match = /^(\d+)([smhdw])$/.exec(text ?? '');
  return match === null ? UNITS.h : Number(match[1]) * UNITS[match[2]];
}

/** The exact form in the largest unit: 7200000 is `2h`. */
export function formatLength(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's']) if (ms % UNITS[unit] === 0) return `${ms / UNITS[unit]}${unit}`;
  return `${Math.max(1, Math.round(ms / 1000))}s`;
}

export function rangeOf(params: Readonly<Record<string, string>>): TimeRange {
  const end = Number(params.end);
  return { length: parseLength(params.range), end: params.end !== undefined && Number.isFinite(end) ? end : undefined };
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];

/** Milliseconds between points so that each has about three pixels. */
export function stepFor(length: number, width: number): number {
  const ideal = length / 1000 / Math.max(60, width / 3);
  return (STEPS.find((step) => step >= ideal) ?? 86_400) * 1000;
}
