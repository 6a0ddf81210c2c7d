import type { IncomingHttpHeaders } from 'node:http';

/**
 * Milliseconds that `Retry-After` asks for, in seconds or as a date; undefined where there is no such header or it says nothing
 * that can be read. Source: RFC 9110, 10.2.3.
 */
export function retryAfter(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
