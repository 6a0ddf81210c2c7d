import { type LocalTime, localTime, utcTime } from './zone.ts';

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MINUTE: Field = { min: 0, max: 59 };
const HOUR: Field = { min: 0, max: 23 };
const DAY: Field = { min: 1, max: 31 };
const MONTH: Field = {
  min: 1,
  max: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
};
const WEEKDAY: Field = { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] };

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

interface Schedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly isDay: (day: number, weekday: number) => boolean;
}

/** A schedule that matches no day of so many years matches none at all (February 30). */
const YEARS = 5;

/**
 * When a cron job runs next: seconds since the epoch, after `after`; undefined where no day fits; 'invalid' where the
 * schedule or its time zone cannot be read. Schedules are those of the CronJob API: five fields, `@hourly` and its like,
 * `@every 90m`, and a time zone in front (`TZ=Europe/Berlin 0 4 * * *`), which the field `timeZone` overrides.
 */
export function nextRun(schedule: string, timeZone: string, after: number): number | undefined | 'invalid' {
  const prefix = /^(?:CRON_)?TZ=(\S+)\s+/.exec(schedule);
  const zone = timeZone || prefix?.[1] || 'UTC';
  if (!isZone(zone)) return 'invalid';
  const fields = schedule.slice(prefix?.[0].length ?? 0).trim();
  const every = /^@every\s+(\S+)$/.exec(fields)?.[1];
  if (every !== undefined) {
    const seconds = durationSeconds(every);
    return seconds === undefined ? 'invalid' : after + Math.max(1, Math.floor(seconds));
  }
  const parsed = parse(DESCRIPTORS[fields.toLowerCase()] ?? fields);
  return parsed === undefined ? 'invalid' : search(parsed, zone, after);
}

function search({ minutes, hours, months, isDay }: Schedule, zone: string, after: number): number | undefined {
  const start = localTime(after, zone);
  for (let day = 0; day <= YEARS * 366; day++) {
    const date = new Date(Date.UTC(start.year, start.month - 1, start.day + day));
    if (!months.has(date.getUTCMonth() + 1) || !isDay(date.getUTCDate(), date.getUTCDay())) continue;
    for (const hour of hours) {
      if (day === 0 && hour < start.hour - 1) continue;
      for (const minute of minutes) {
        const place: LocalTime = {
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
          hour,
          minute,
        };
        const time = utcTime(place, zone);
        // A time that a change of the clock leaves out does not come.
        if (time !== undefined && time > after) return time;
      }
    }
  }
  return undefined;
}

function parse(text: string): Schedule | undefined {
  const fields = text.split(/\s+/);
  if (fields.length !== 5) return undefined;
  const minutes = values(fields[0], MINUTE);
  const hours = values(fields[1], HOUR);
  const days = values(fields[2], DAY);
  const months = values(fields[3], MONTH);
  const weekdays = values(fields[4], WEEKDAY);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  // Where both days are restricted, one of them is enough.
  const isEither = !isAny(fields[2]) && !isAny(fields[4]);
  return {
    minutes,
    hours,
    months,
    isDay: (day, weekday) =>
      isEither ? days.has(day) || weekdays.has(weekday) : days.has(day) && weekdays.has(weekday),
  };
}

function isAny(field: string): boolean {
  return field.split(',').some((part) => part.startsWith('*') || part.startsWith('?'));
}

/** All that a field allows, from the smallest on; undefined where it cannot be read. */
function values(text: string, field: Field): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\*|\?|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part);
    if (match === null) return undefined;
    const [, first, last, stepText] = match;
    const isWhole = first === '*' || first === '?';
    const start = isWhole ? field.min : valueOf(first, field);
    const single = last === undefined && stepText === undefined && !isWhole;
    const end = last === undefined ? (single ? start : field.max) : valueOf(last, field);
    const step = stepText === undefined ? 1 : Number(stepText);
    if (start === undefined || end === undefined || (isWhole && last !== undefined)) return undefined;
    if (start < field.min || end > field.max || start > end) return undefined;
    if (step === 0 || step > end - start + 1) return undefined;
    for (let value = start; value <= end; value += step) found.add(value);
  }
  return new Set([...found].sort((a, b) => a - b));
}

function valueOf(text: string, { min, names }: Field): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names?.indexOf(text.toLowerCase()) ?? -1;
  return index < 0 ? undefined : min + index;
}

function isZone(zone: string): boolean {
  try {
    localTime(0, zone);
    return true;
  } catch {
    return false;
  }
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 };

/** As Go writes durations: `1h30m`. */
function durationSeconds(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|us|ns|s))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|us|ns|s)/g);
  return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit], 0);
}
