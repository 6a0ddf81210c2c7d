const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;

/** Coefficients of the rational approximation of e^x - 1, from smallest power to largest. */
const REMEZ = [
  1.66666666666666657415e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5, -1.6533902205465251539e-6,
  4.13813679705723846039e-8,
];

/**
 * 2^x by the method that Go uses too (FreeBSD's e_exp.c): the last bits are then those of Prometheus, which JavaScript's
 * `**` does not promise.
 */
export function exp2(x: number): number {
  if (Number.isNaN(x) || x > 1023.9999999999999 || x < -1074) return 2 ** x;
  const exponent = Math.trunc(x > 0 ? x + 0.5 : x - 0.5);
  const rest = x - exponent;
  const high = rest * LN2_HIGH;
  const low = -rest * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c = r - t * (REMEZ[0] + t * (REMEZ[1] + t * (REMEZ[2] + t * (REMEZ[3] + t * REMEZ[4]))));
  const fraction = 1 - (low - (r * c) / (2 - c) - high);
  // Two factors, as 2^exponent itself may lie outside the range of normal floats.
  const half = Math.trunc(exponent / 2);
  return fraction * 2 ** half * 2 ** (exponent - half);
}
