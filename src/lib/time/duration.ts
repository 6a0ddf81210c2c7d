const UNITS = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

const PATTERN = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Go counts durations in nanoseconds of 63 bits: 292 years. Milliseconds. */
const LONGEST = 2 ** 63 / 1e6;

/**
 * Milliseconds of a Prometheus duration (`1h30m`, `15s`, `0`), units from large to small, each at most once.
 * undefined where the text is none or is more than 292 years (source: prometheus/common model/time.go).
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = text === '' ? null : PATTERN.exec(text);
  if (match === null) return undefined;
  let total = 0;
  UNITS.forEach(([, size], i) => (total += Number(match[i + 1] ?? 0) * size));
  return total < LONGEST ? total : undefined;
}

/** The shortest exact form: `90000` is `1m30s`. Weeks and years only where nothing is left over, as Prometheus prints. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 0) return `-${formatDuration(-ms)}`;
  let rest = ms;
  let text = '';
  for (const [unit, size] of UNITS) {
    const exactOnly = unit === 'y' || unit === 'w';
    if (rest < size || (exactOnly && rest % size !== 0)) continue;
    text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text;
}
