/** What a report is about: a calendar month in UTC. */
export interface Period {
  /** `2026-11`. */
  readonly name: string;
  /** `November 2026`. */
  readonly title: string;
  /** Milliseconds since the epoch; `to` is the first moment of the next month. */
  readonly from: number;
  readonly to: number;
}

/** Of `2026-11`; undefined for any other text. */
export function monthNamed(name: string): Period | undefined {
  const found = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name);
  return found === null ? undefined : month(Number(found[1]), Number(found[2]) - 1);
}

/** The last month that is over at `now`, in milliseconds. */
export function monthBefore(now: number): Period {
  const date = new Date(now);
  return month(date.getUTCFullYear(), date.getUTCMonth() - 1);
}

function month(year: number, index: number): Period {
  const from = Date.UTC(year, index);
  const title = new Date(from).toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
  return { name: new Date(from).toISOString().slice(0, 7), title, from, to: Date.UTC(year, index + 1) };
}
