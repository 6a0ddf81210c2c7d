import { absent, closed } from '../lib/ask.ts';

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

type Part = (typeof PARTS)[number][0];

/** What of a page its reader may not see, and what the process does not have, said once. */
export function ClosedNote({ of }: { of: readonly Part[] }) {
  const parts = PARTS.filter(([name]) => of.includes(name));
  const shut = parts.filter(([, path]) => closed.value.has(path)).map(([name]) => name);
  const missing = parts.filter(([, path]) => absent.value.has(path)).map(([name]) => name);
  return (
    <>
      {shut.length > 0 && <p class="note closed">Not open to you here: {shut.join(', ')}.</p>}
      {missing.length > 0 && <p class="note">This process does not have: {missing.join(', ')}.</p>}
    </>
  );
}

/** Whether there is nothing to show of a part: it is closed to the reader, or the process does not have it. */
export function isClosed(part: Part): boolean {
  return isAbsent(part) || PARTS.some(([name, path]) => name === part && closed.value.has(path));
}

/** Whether the process does not have a part, as `server` has no rules. */
export function isAbsent(part: Part): boolean {
  return PARTS.some(([name, path]) => name === part && absent.value.has(path));
}
