/** A float as Go's `%g` and `%v` write it: `1e+06`, `0.25`, `+Inf`. */
export function formatG(value: number): string {
  if (!Number.isFinite(value)) return special(value);
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return plain(value);
  return `${sign(value)}${mantissa}e${exponentText(power)}`;
}

/** A float as the HTTP API writes it: without an exponent from 1e-6 up to 1e21. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return special(value);
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-6 && size < 1e21)) return plain(value);
  const [mantissa, exponent] = size.toExponential().split('e');
  return `${sign(value)}${mantissa}e${exponentText(Number(exponent))}`;
}

function special(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function sign(value: number): string {
  return value < 0 || Object.is(value, -0) ? '-' : '';
}

/** JavaScript writes plain digits between 1e-6 and 1e21, which is all that is asked of it here; and it hides -0. */
function plain(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function exponentText(power: number): string {
  return `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
