/** A time in UTC, its parts as Go has them. Months count from 1, days of the week from Sunday as 0. */
export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly dayOfYear: number;
  readonly daysInMonth: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

/** Parts of a time, by the names of their functions. */
export const DATE_FUNCTIONS: ReadonlyMap<string, (time: CivilTime) => number> = new Map([
  ['day_of_month', (time: CivilTime) => time.day],
  ['day_of_week', (time: CivilTime) => time.weekday],
  ['day_of_year', (time: CivilTime) => time.dayOfYear],
  ['days_in_month', (time: CivilTime) => time.daysInMonth],
  ['hour', (time: CivilTime) => time.hour],
  ['minute', (time: CivilTime) => time.minute],
  ['month', (time: CivilTime) => time.month],
  ['year', (time: CivilTime) => time.year],
]);

/** The time so many seconds after the epoch, a fraction cut off. */
export function civilTime(seconds: number): CivilTime {
  const whole = Math.trunc(seconds);
  if (Math.abs(whole) < 8e12) return parts(Math.floor(whole / 86_400), whole - Math.floor(whole / 86_400) * 86_400, 0);
  return farTime(whole);
}

const DAYS_IN_ERA = 146_097;
const YEARS_IN_ERA = 400;

/**
 * Times past JavaScript's dates. What 64 bits cannot hold, NaN among them, is the smallest integer in Go on amd64, whose
 * calendar then wraps around; the calendar repeats itself every 400 years.
 */
function farTime(seconds: number): CivilTime {
  const isHeld = seconds >= -(2 ** 63) && seconds < 2 ** 63;
  const unix = isHeld ? BigInt(seconds) : -(2n ** 63n);
  const sinceZero = BigInt.asUintN(64, unix + ZERO_TO_UNIX) - ZERO_TO_UNIX;
  const day = 86_400n;
  const days = (sinceZero - (((sinceZero % day) + day) % day)) / day;
  const eras = days / BigInt(DAYS_IN_ERA);
  return parts(Number(days - eras * BigInt(DAYS_IN_ERA)), Number(sinceZero - days * day), Number(eras) * YEARS_IN_ERA);
}

/** Seconds from the start of Go's calendar, the year -292277022399, to 1970. */
const ZERO_TO_UNIX = 9_223_371_966_579_724_800n;

function parts(days: number, secondOfDay: number, addedYears: number): CivilTime {
  const date = new Date(days * 86_400_000);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const newYear = new Date(0);
  newYear.setUTCFullYear(year, 0, 1);
  const lastOfMonth = new Date(0);
  // Day 0 of the next month is the last of this one.
  lastOfMonth.setUTCFullYear(year, month + 1, 0);
  return {
    year: year + addedYears,
    month: month + 1,
    day: date.getUTCDate(),
    dayOfYear: Math.round((date.getTime() - newYear.getTime()) / 86_400_000) + 1,
    daysInMonth: lastOfMonth.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: Math.floor(secondOfDay / 3600),
    minute: Math.floor(secondOfDay / 60) % 60,
  };
}
