import { signal } from '@preact/signals';
import { span } from './format.ts';
import { remembered } from './remembered.ts';

/** The time by which ages are shown; moves once a second while the page is looked at. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);

/** Whether times are shown in UTC rather than in the browser's zone. */
export const inUtc = remembered('utc', false);

interface Formats {
  readonly clock: Intl.DateTimeFormat;
  readonly minutes: Intl.DateTimeFormat;
  readonly date: Intl.DateTimeFormat;
  readonly day: Intl.DateTimeFormat;
}

function formatsIn(timeZone: string | undefined): Formats {
  const format = (parts: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', { ...parts, timeZone });
  return {
    clock: format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    minutes: format({ hour: '2-digit', minute: '2-digit' }),
    date: format({ day: 'numeric', month: 'short' }),
    day: format({ year: 'numeric', month: '2-digit', day: '2-digit' }),
  };
}

const LOCAL = formatsIn(undefined);
const UTC = formatsIn('UTC');

/** The formats of the zone that is shown; read in a component, they follow the switch. */
export function formats(): Formats {
  return inUtc.value ? UTC : LOCAL;
}

/** The greatest time that a `Date` can hold, in milliseconds. */
const MOST = 8.64e15;

/** Whether a time can be shown at all: a `Date` beyond its bounds throws where it is formatted. */
export function isTime(ms: number): boolean {
  return Math.abs(ms) <= MOST;
}

/** Time of day in the shown zone, with the date where it is not today's; '–' for what is no time. */
export function localTime(ms: number, milliseconds = false): string {
  if (!isTime(ms)) return '–';
  const { clock, date, day } = formats();
  const at = new Date(ms);
  const time = `${clock.format(at)}${milliseconds ? `.${String(at.getMilliseconds()).padStart(3, '0')}` : ''}`;
  const today = new Date(now.peek());
  if (day.format(at) === day.format(today)) return time;
  const year = at.getUTCFullYear() === today.getUTCFullYear() ? '' : ` ${at.getUTCFullYear()}`;
  return `${date.format(at)}${year} ${time}`;
}

export function utc(ms: number): string {
  return isTime(ms) ? `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')} UTC` : '–';
}

export function Time({ at, milliseconds = false }: { at: number; milliseconds?: boolean }) {
  if (!(at > 0) || !isTime(at)) return <span class="quiet">never</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={utc(at)}>
      {localTime(at, milliseconds)}
    </time>
  );
}

export function Age({ since }: { since: number }) {
  if (!(since > 0) || !isTime(since)) return <span class="quiet">never</span>;
  return (
    <time dateTime={new Date(since).toISOString()} title={`${localTime(since)} · ${utc(since)}`}>
      {span(now.value - since)}
    </time>
  );
}

/** Milliseconds of Go's RFC 3339; 0 for its zero time and for what is no time. */
export function parseTime(text: string): number {
  const at = text.startsWith('0001-') ? 0 : Date.parse(text);
  return Number.isNaN(at) ? 0 : at;
}

/** `2026-11-30T14:05:09` in the shown zone: what an input of type `datetime-local` holds. */
export function fieldOfTime(ms: number): string {
  const at = new Date(inUtc.value ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 19);
}

/** Milliseconds of what such an input holds; NaN where it is empty. */
export function timeOfField(text: string): number {
  return Date.parse(inUtc.peek() ? `${text}Z` : text);
}
