/**
 * The logarithm as Go computes it: of the part between 0.5 and 1, plus the exponent. Differences of such logarithms, which
 * interpolation takes, then round as in Prometheus; `Math.log2` is as good but rounds elsewhere.
 */
export function log2(value: number): number {
  if (!(value > 0) || value === Infinity) return Math.log2(value);
  let exponent = Math.floor(Math.log2(value)) + 1;
  // Two factors, as 2^exponent itself may lie outside the range of floats.
  let fraction = value / 2 ** Math.trunc(exponent / 2) / 2 ** (exponent - Math.trunc(exponent / 2));
  if (fraction >= 1) {
    fraction /= 2;
    exponent++;
  } else if (fraction < 0.5) {
    fraction *= 2;
    exponent--;
  }
  return fraction === 0.5 ? exponent - 1 : Math.log(fraction) * Math.LOG2E + exponent;
}
