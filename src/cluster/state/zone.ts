/** A time as a clock on the wall shows it. */
export interface LocalTime {
  readonly year: number;
  /** 1…12 */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** Zones come from objects of the cluster: there is a bound to what is kept of them. */
const KEPT_ZONES = 64;

/** @param seconds since the epoch */
export function localTime(seconds: number, zone: string): LocalTime {
  const parts = formatOf(zone).formatToParts(seconds * 1000);
  const part = (type: string) => Number(parts.find((found) => found.type === type)?.value);
  return { year: part('year'), month: part('month'), day: part('day'), hour: part('hour'), minute: part('minute') };
}

/** Seconds since the epoch; undefined for a time that a change of the clock leaves out, the first of one that comes twice. */
export function utcTime(local: LocalTime, zone: string): number | undefined {
  const wall = wallSeconds(local);
  const offsets = [wall - 86_400, wall + 86_400].map((near) => wallSeconds(localTime(near, zone)) - near);
  return offsets
    .map((offset) => wall - offset)
    .sort((a, b) => a - b)
    .find((time) => wallSeconds(localTime(time, zone)) === wall);
}

function wallSeconds({ year, month, day, hour, minute }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute) / 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  if (formats.size >= KEPT_ZONES) formats.clear();
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  formats.set(zone, format);
  return format;
}
