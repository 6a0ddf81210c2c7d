/** A sample's value as the API writes it: `+Inf`, `-Inf` and `NaN` are numbers too. */
export function parseValue(value: string | number | null): number {
  if (typeof value === 'number') return value;
  if (value === null) return Number.NaN;
  if (value === '+Inf' || value === 'Inf') return Infinity;
  return value === '-Inf' ? -Infinity : Number(value);
}

/** All digits of a number, for people who compare or copy them. */
export function exactNumber(value: number): string {
  if (!Number.isFinite(value)) return shortNumber(value);
  return String(value).replace('-', '−').replace('e−', 'e-');
}

/** A number for people: four digits at most, SI steps; what is no number by its name. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '−Inf';
  const size = Math.abs(value);
  if (size === 0) return '0';
  for (const [step, unit] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const) {
    if (size >= step) return `${trim(value / step)}${unit}`;
  } // prettier-ignore
  if (size >= 0.001) return trim(value);
  if (size >= 1e-6) return `${trim(value * 1e6)}µ`;
  if (size >= 1e-9) return `${trim(value * 1e9)}n`;
  return value.toExponential(2).replace('-', '−');
}

function trim(value: number): string {
  const digits = Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 10 ? 2 : 3;
  return String(Number(value.toFixed(digits))).replace('-', '−');
}

/** `1 234 567` with thin gaps, as groups of digits are easier to compare. */
export function wholeNumber(value: number): string {
  return Math.round(value).toLocaleString('en-US').replaceAll(',', '\u202f');
}

export function bytes(value: number): string {
  for (const [step, unit] of [[1024 ** 4, 'TiB'], [1024 ** 3, 'GiB'], [1024 ** 2, 'MiB'], [1024, 'KiB']] as const) {
    if (value >= step) return `${trim(value / step)} ${unit}`;
  } // prettier-ignore
  return `${value} B`;
}

/** Two units at most: `3 d 4 h`, `12 s`, `8 ms`. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

export function seconds(value: number): string {
  return value < 1 ? `${shortNumber(value * 1000)} ms` : `${shortNumber(value)} s`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${wholeNumber(count)} ${count === 1 ? one : many}`;
}
