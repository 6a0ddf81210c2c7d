/**
 * Order in which runs of digits count as numbers: `node2` before `node10` (source: github.com/facette/natsort, which
 * Prometheus uses). Texts are cut into runs of digits and of others, and compared run by run.
 */
export function compareNatural(a: string, b: string): number {
  const left = runsOf(a);
  const right = runsOf(b);
  for (let i = 0; i < left.length; i++) {
    if (i >= right.length) return 1;
    const order = compareRuns(left[i], right[i]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function runsOf(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

function compareRuns(a: string, b: string): number {
  if (a === b) return 0;
  const bothNumbers = /^\d/.test(a) && /^\d/.test(b);
  if (!bothNumbers) return a < b ? -1 : 1;
  const difference = BigInt(a) - BigInt(b);
  if (difference !== 0n) return difference < 0n ? -1 : 1;
  return a.length - b.length;
}
