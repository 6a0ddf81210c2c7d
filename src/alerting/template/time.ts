import type { GoTime } from './values.ts';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']; // prettier-ignore
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The pieces of Go's reference time, longest first where one is the start of another. */
const LAYOUT =
  /January|Jan|Monday|Mon|MST|2006|Z07:00:00|Z07:00|Z0700|Z07|-07:00:00|-07:00|-0700|-07|002|01|02|03|04|05|06|15|[.,](?:0+|9+)(?![0-9])|PM|pm|__2|_2006|_2|1|2|3|4|5/g;

interface Clockface {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Minutes east of UTC. */
  readonly offset: number;
  readonly zone: string;
}

/** A time in a Go layout (`2006-01-02 15:04:05 MST`). */
export function formatTime(time: GoTime, layout: string): string {
  const face = clockface(time);
  const nanos = Math.round((((time.ms % 1000) + 1000) % 1000) * 1e6);
  return layout.replace(LAYOUT, (piece) => formatPiece(piece, face, nanos));
}

function formatPiece(piece: string, t: Clockface, nanos: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const twelve = t.hour % 12 === 0 ? 12 : t.hour % 12;
  switch (piece) {
    case 'January': return MONTHS[t.month];
    case 'Jan': return MONTHS[t.month].slice(0, 3);
    case 'Monday': return DAYS[t.weekday];
    case 'Mon': return DAYS[t.weekday].slice(0, 3);
    case 'MST': return t.zone;
    case '2006': return String(t.year).padStart(4, '0');
    case '_2006': return `_${String(t.year).padStart(4, '0')}`;
    case '06': return two(t.year % 100);
    case '01': return two(t.month + 1);
    case '1': return String(t.month + 1);
    case '02': return two(t.day);
    case '_2': return String(t.day).padStart(2, ' ');
    case '2': return String(t.day);
    case '002': return String(dayOfYear(t)).padStart(3, '0');
    case '__2': return String(dayOfYear(t)).padStart(3, ' ');
    case '15': return two(t.hour);
    case '03': return two(twelve);
    case '3': return String(twelve);
    case '04': return two(t.minute);
    case '4': return String(t.minute);
    case '05': return two(t.second);
    case '5': return String(t.second);
    case 'PM': return t.hour < 12 ? 'AM' : 'PM';
    case 'pm': return t.hour < 12 ? 'am' : 'pm';
    default:
  } // prettier-ignore
  return /^[.,]/.test(piece) ? fraction(piece, nanos) : formatOffset(piece, t.offset);
}

function fraction(piece: string, nanos: number): string {
  const digits = String(nanos)
    .padStart(9, '0')
    .slice(0, piece.length - 1);
  if (piece[1] === '0') return piece[0] + digits;
  const trimmed = digits.replace(/0+$/, '');
  return trimmed === '' ? '' : piece[0] + trimmed;
}

function formatOffset(piece: string, offset: number): string {
  if (piece.startsWith('Z') && offset === 0) return 'Z';
  const shape = piece.slice(1);
  const minutes = Math.abs(offset);
  const hh = String(Math.floor(minutes / 60)).padStart(2, '0');
  const mm = String(minutes % 60).padStart(2, '0');
  const parts = shape.includes(':')
    ? [hh, mm, '00'].slice(0, shape.split(':').length).join(':')
    : shape === '07'
      ? hh
      : hh + mm;
  return (offset < 0 ? '-' : '+') + parts;
}

function dayOfYear(t: Clockface): number {
  return (Date.UTC(t.year, t.month, t.day) - Date.UTC(t.year, 0, 1)) / 86_400_000 + 1;
}

function clockface(time: GoTime): Clockface {
  const offset = time.zone === 'UTC' ? 0 : zoneOffset(time);
  const shifted = new Date(Math.floor(time.ms) + offset * 60_000);
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth(),
    day: shifted.getUTCDate(),
    weekday: shifted.getUTCDay(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
    offset,
    zone: time.zone === 'UTC' ? 'UTC' : zoneName(time),
  };
}

function zoneOffset(time: GoTime): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: time.zone, timeZoneName: 'longOffset' }).formatToParts(
    time.ms,
  );
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /([+-])(\d\d):(\d\d)/.exec(name);
  return match === null ? 0 : (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}

function zoneName(time: GoTime): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: time.zone, timeZoneName: 'short' }).formatToParts(time.ms);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? time.zone;
}

/** A time.Duration as Go prints it: `1h2m3.5s`, `1.5ms`, `0s`. */
export function formatGoDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  if (nanos < 0n) return `-${formatGoDuration(-nanos)}`;
  if (nanos < 1_000n) return `${nanos}ns`;
  if (nanos < 1_000_000n) return `${decimal(nanos, 1_000n)}µs`;
  if (nanos < 1_000_000_000n) return `${decimal(nanos, 1_000_000n)}ms`;
  const minutes = nanos / 60_000_000_000n;
  const seconds = `${decimal(nanos % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const rest = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return `${value / unit}${rest === '' ? '' : `.${rest}`}`;
}
