import { remembered } from './remembered.ts';

const KEPT = 30;

/** Queries that were run in this browser, the newest first. */
export const pastMetrics = remembered<string[]>('queries', []);
export const pastLogs = remembered<string[]>('searches', []);

/** A query too long to be read in a list is not kept. */
const LONGEST = 2000;

export function remember(past: typeof pastMetrics, query: string): void {
  if (query === '' || query.length > LONGEST) return;
  past.value = [query, ...past.peek().filter((one) => one !== query)].slice(0, KEPT);
}
