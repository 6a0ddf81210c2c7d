const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/**
 * A number as Prometheus reads it from a page: Go's `strconv.ParseFloat` without the forms that came with Go 1.13
 * (hexadecimal, underscores), which its parsers refuse. undefined for anything else, also for what overflows a float64.
 */
export function parseGoFloat(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  return text.toLowerCase() === 'nan' ? NaN : undefined;
}

/**
 * A number as OpenMetrics writes `le` and `quantile`: `1` is `1.0`, `1000000` is `1e+06`. Prometheus 3 brings these labels
 * into this form whatever the page says, so that a series is the same one whoever exposes it.
 */
export function canonicalFloat(text: string): string {
  const value = parseGoFloat(text);
  if (value === undefined) return text;
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [digits, power] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  const plain = Object.is(value, -0) ? '-0' : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}
