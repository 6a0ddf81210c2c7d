/** Go's `%.2g`: two digits that count, an exponent from 100 upwards and below 0.0001. */
export function formatTwoDigits(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [digits, exponent] = value.toExponential(1).split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 2) return String(Number(value.toPrecision(2)));
  return `${Number(digits)}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}
