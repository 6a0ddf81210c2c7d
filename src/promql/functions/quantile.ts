/**
 * The `q` quantile of values, between two of them by their weights. Sorts `values` in place, NaN first.
 * NaN without values, ±Infinity outside 0…1.
 */
export function quantile(q: number, values: Float64Array): number {
  const n = values.length;
  if (n === 0 || Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  sortNanFirst(values);
  const rank = q * (n - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(n - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return values[lower] * (1 - weight) + values[upper] * weight;
}

/** Up to so many values insertion beats the call of the built-in sort. */
const FEW = 40;

function sortNanFirst(values: Float64Array): void {
  if (values.length > FEW) {
    // The built-in order has NaN last.
    values.sort();
    let numbers = values.length;
    while (numbers > 0 && Number.isNaN(values[numbers - 1])) numbers--;
    const others = values.length - numbers;
    if (others === 0 || numbers === 0) return;
    values.copyWithin(others, 0, numbers);
    values.fill(NaN, 0, others);
    return;
  }
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    let place = i;
    while (place > 0 && (value < values[place - 1] || (Number.isNaN(value) && !Number.isNaN(values[place - 1])))) {
      values[place] = values[place - 1];
      place--;
    }
    values[place] = value;
  }
}

export function nanFirst(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}
