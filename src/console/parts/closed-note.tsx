import { closed } from '../lib/ask.ts';

/** Parts of the console, by the paths that they are asked from. */
const PARTS = [
  ['status', '/api/crowsnest/v1/status'],
  ['rules', '/api/v1/rules'],
  ['alerts with their owners', '/api/crowsnest/v1/alerts'],
  ['notifications', '/api/crowsnest/v1/notifications'],
  ['deliveries', '/api/crowsnest/v1/deliveries'],
  ['the history of alerts', '/api/crowsnest/v1/alerts/events'],
  ['targets', '/api/v1/targets'],
  ['log files', '/api/crowsnest/v1/logs/files'],
  ['the store', '/api/crowsnest/v1/store'],
] as const;

/** What of a page its reader may not see, said once. */
export function ClosedNote({ of }: { of: readonly (typeof PARTS)[number][0][] }) {
  const missing = PARTS.filter(([name, path]) => of.includes(name) && closed.value.has(path)).map(([name]) => name);
  if (missing.length === 0) return null;
  return <p class="note closed">Not open to you here: {missing.join(', ')}.</p>;
}

/** Whether a part is closed to the reader. */
export function isClosed(part: (typeof PARTS)[number][0]): boolean {
  return PARTS.some(([name, path]) => name === part && closed.value.has(path));
}
