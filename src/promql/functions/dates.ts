/** Parts of a time, in UTC. */
export const DATE_FUNCTIONS: ReadonlyMap<string, (date: Date) => number> = new Map([
  ['day_of_month', (date: Date) => date.getUTCDate()],
  ['day_of_week', (date: Date) => date.getUTCDay()],
  ['day_of_year', dayOfYear],
  ['days_in_month', daysInMonth],
  ['hour', (date: Date) => date.getUTCHours()],
  ['minute', (date: Date) => date.getUTCMinutes()],
  ['month', (date: Date) => date.getUTCMonth() + 1],
  ['year', (date: Date) => date.getUTCFullYear()],
]);

function daysInMonth(date: Date): number {
  const last = new Date(date);
  // Day 0 of the next month is the last of this one.
  last.setUTCMonth(date.getUTCMonth() + 1, 0);
  return last.getUTCDate();
}

function dayOfYear(date: Date): number {
  const newYear = new Date(date);
  newYear.setUTCMonth(0, 1);
  newYear.setUTCHours(0, 0, 0, 0);
  return Math.floor((date.getTime() - newYear.getTime()) / 86_400_000) + 1;
}

/** The date `seconds` after the epoch, a fraction cut off. */
export function dateOfSeconds(seconds: number): Date {
  return new Date(Math.trunc(seconds) * 1000);
}
