/**
 * A sum that keeps in `lost` what rounding takes from it (Kahan's method as Neumaier improved it). The total is
 * `sum + lost`. Past the range of floats nothing is lost any more.
 */
export class KahanSum {
  sum: number;
  lost: number;

  constructor(sum = 0, lost = 0) {
    this.sum = sum;
    this.lost = lost;
  }

  /** Starts over from other numbers, to spare a new object for each bucket. */
  restart(sum: number, lost: number): this {
    this.sum = sum;
    this.lost = lost;
    return this;
  }

  add(value: number): this {
    const { sum } = this;
    const total = sum + value;
    if (total === Infinity || total === -Infinity) this.lost = 0;
    else if (Math.abs(sum) >= Math.abs(value)) this.lost += sum - total + value;
    else this.lost += value - total + sum;
    this.sum = total;
    return this;
  }

  /** The same for `values[from] … values[to - 1]`. (Written out with locals: windows of many samples go through here.) */
  addAll(values: Float64Array, from: number, to: number): void {
    let { sum, lost } = this;
    for (let i = from; i < to; i++) {
      const value = values[i];
      const total = sum + value;
      if (total === Infinity || total === -Infinity) lost = 0;
      else if (Math.abs(sum) >= Math.abs(value)) lost += sum - total + value;
      else lost += value - total + sum;
      sum = total;
    }
    this.sum = sum;
    this.lost = lost;
  }
}
