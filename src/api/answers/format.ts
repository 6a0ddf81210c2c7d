/** A float as Go's `strconv.FormatFloat(v, 'f', -1, 64)` writes it: never an exponent. */
export function formatPlain(value: number): string {
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  const text = String(value);
  const e = text.indexOf('e');
  if (e < 0) return text;
  const negative = text.startsWith('-') ? '-' : '';
  const digits = text.slice(negative.length, e).replace('.', '');
  const point = 1 + Number(text.slice(e + 1));
  if (point <= 0) return `${negative}0.${'0'.repeat(-point)}${digits}`;
  return `${negative}${digits.padEnd(point, '0')}`;
}

/** A sample's value as Prometheus' JSON has it: plain between 1e-6 and 1e21, else with Go's exponent. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  // Between these bounds JavaScript and Go write the same shortest digits.
  if (size >= 1e-6 && size < 1e21) return String(value);
  return formatSpecial(value) ?? formatExponent(value);
}

/** As `strconv.FormatFloat(v, 'e', -1, 64)`: `1e-07`, `4.2e+01`. */
export function formatExponent(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0e+00' : '0e+00';
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  const [mantissa, exponent] = value.toExponential().split('e');
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

function formatSpecial(value: number): string | undefined {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return undefined;
}

/** Milliseconds as seconds with three decimals, or none where they are zero. */
export function formatTimestamp(ms: number): string {
  const rest = ms % 1000;
  if (rest === 0) return String(ms / 1000);
  const sign = ms < 0 ? '-' : '';
  const size = Math.abs(ms);
  return `${sign}${Math.trunc(size / 1000)}.${String(size % 1000).padStart(3, '0')}`;
}

/** RFC 3339; Go's zero time for 0. */
export function formatTime(ms: number): string {
  return ms === 0 ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString();
}
