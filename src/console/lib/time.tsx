import { signal } from '@preact/signals';
import { span } from './format.ts';

/** The time by which ages are shown; moves once a second while the page is looked at. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Local time of day, with the date where it is not today's. */
export function localTime(ms: number, milliseconds = false): string {
  const at = new Date(ms);
  const time = `${clock.format(at)}${milliseconds ? `.${String(at.getMilliseconds()).padStart(3, '0')}` : ''}`;
  return at.toDateString() === new Date(now.peek()).toDateString() ? time : `${date.format(at)} ${time}`;
}

export function utc(ms: number): string {
  return `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

export function Time({ at, milliseconds = false }: { at: number; milliseconds?: boolean }) {
  if (!(at > 0)) return <span class="quiet">never</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={utc(at)}>
      {localTime(at, milliseconds)}
    </time>
  );
}

export function Age({ since }: { since: number }) {
  if (!(since > 0)) return <span class="quiet">never</span>;
  return (
    <time dateTime={new Date(since).toISOString()} title={`${localTime(since)} local · ${utc(since)}`}>
      {span(now.value - since)}
    </time>
  );
}

/** Milliseconds of Go's RFC 3339; 0 for its zero time. */
export function parseTime(text: string): number {
  return text.startsWith('0001-') ? 0 : Date.parse(text);
}
