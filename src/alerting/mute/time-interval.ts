import { z } from '../../lib/schema/schema.ts';

/** From first to last, both included; days of the month may count from its end (-1 is the last). */
interface Range {
  readonly begin: number;
  readonly end: number;
}

/** Each part that is present has to hold; a part holds when one of its ranges does. */
export interface TimeInterval {
  /** Minutes of the day, the last one not included. */
  readonly times?: readonly Range[];
  /** 0 is Sunday. */
  readonly weekdays?: readonly Range[];
  readonly daysOfMonth?: readonly Range[];
  /** 1 is January. */
  readonly months?: readonly Range[];
  readonly years?: readonly Range[];
  /** The zone in which the clock is read. */
  readonly location: string;
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = [
  'january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december',
]; // prettier-ignore

const CLOCK = /^(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))$/;

const clockTime = z.string().transform((text, context) => {
  const match = CLOCK.exec(text);
  if (match === null) {
    context.addIssue(`expected a time such as 09:30, not ${JSON.stringify(text)}`);
    return z.NEVER;
  }
  return Number(match[1] ?? match[3]) * 60 + Number(match[2] ?? match[4]);
});

const timeRange = z
  .strictObject({ start_time: clockTime, end_time: clockTime })
  .transform(({ start_time: begin, end_time: end }, context) => {
    if (begin >= end) context.addIssue('start_time must be before end_time; divide a range over midnight into two');
    return { begin, end };
  });

/** `monday:friday`, `-3:-1`, `2026`. */
function range(read: (text: string) => number | undefined, expected: string) {
  return z.string().transform((text, context): Range => {
    const parts = text.toLowerCase().split(':');
    const [begin, end] = [parts[0], parts.at(-1) ?? ''].map((part) => read(part.trim()));
    if (parts.length > 2 || begin === undefined || end === undefined) {
      context.addIssue(`expected ${expected}, or two of them with a colon between, not ${JSON.stringify(text)}`);
      return z.NEVER;
    }
    if (begin > end && !(begin > 0 && end < 0)) context.addIssue(`the range ${text} ends before it begins`);
    if (begin < 0 && end > 0)
      context.addIssue(`the range ${text} begins at the end of a month and ends at a day from its start`);
    return { begin, end };
  });
}

const named = (names: readonly string[], from: number) => (text: string) => {
  const index = names.indexOf(text);
  if (index >= 0) return index + from;
  const number = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  return from === 1 && number >= 1 && number <= names.length ? number : undefined;
};

function dayOfMonth(text: string): number | undefined {
  const day = /^-?\d{1,2}$/.test(text) ? Number(text) : 0;
  return day !== 0 && Math.abs(day) <= 31 ? day : undefined;
}

const year = (text: string) => (/^\d{1,4}$/.test(text) ? Number(text) : undefined);

const location = z
  .string()
  .nullish()
  .transform((text, context) => {
    if (text === '' || text === undefined || text === null) return 'UTC';
    const zone = text === 'Local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : text;
    try {
      formatterOf(zone);
      return zone;
    } catch {
      context.addIssue(`unknown time zone ${JSON.stringify(text)}; expected a name such as Europe/Dublin`);
      return z.NEVER;
    }
  });

const list = <T extends z.ZodType>(item: T) => z.array(item).nullish();

/** One entry of `time_intervals` of a named interval, as Alertmanager writes it. */
export const timeIntervalSchema = z
  .strictObject({
    times: list(timeRange),
    weekdays: list(range(named(WEEKDAYS, 0), 'a weekday')),
    days_of_month: list(range(dayOfMonth, 'a day from 1 to 31, or from -1 to -31')),
    months: list(range(named(MONTHS, 1), 'a month')),
    years: list(range(year, 'a year')),
    location,
  })
  .transform(({ times, weekdays, days_of_month, months, years, location: zone }): TimeInterval => ({
    times: times ?? undefined,
    weekdays: weekdays ?? undefined,
    daysOfMonth: days_of_month ?? undefined,
    months: months ?? undefined,
    years: years ?? undefined,
    location: zone,
  }));

/** Whether `at` (milliseconds) lies within the interval, by the calendar and clock of its zone. */
export function containsTime(interval: TimeInterval, at: number): boolean {
  const now = partsOf(at, interval.location);
  const lastDay = new Date(Date.UTC(now.year, now.month, 0)).getUTCDate();
  const within = (value: number) => (one: Range) => value >= one.begin && value <= one.end;
  const { times, daysOfMonth, months, weekdays, years } = interval;
  return (
    (times?.some(({ begin, end }) => now.minute >= begin && now.minute < end) ?? true) &&
    (daysOfMonth?.some((one) => within(now.day)(inMonth(one, lastDay))) ?? true) &&
    (months?.some(within(now.month)) ?? true) &&
    (weekdays?.some(within(now.weekday)) ?? true) &&
    (years?.some(within(now.year)) ?? true)
  );
}

/** A day that the month does not have is no day of it, and a range over the end of the month ends there. */
function inMonth({ begin, end }: Range, lastDay: number): Range {
  const fromStart = (day: number) => (day < 0 ? lastDay + day + 1 : day);
  return { begin: Math.max(1, fromStart(begin)), end: Math.min(lastDay, fromStart(end)) };
}

interface ClockParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  /** Of the day. */
  readonly minute: number;
}

function partsOf(at: number, zone: string): ClockParts {
  const parts = Object.fromEntries(
    formatterOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const [year, month, day] = [Number(parts.year), Number(parts.month), Number(parts.day)];
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return { year, month, day, weekday, minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one takes a millisecond. @throws {RangeError} for a zone that is not known. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric',
    }); // prettier-ignore
    formatters.set(timeZone, formatter);
  }
  return formatter;
}
