/** What Go's `Time{}.Unix()` returns: the value of a time that is absent where the field itself is not optional. */
const ZERO_TIME = -62_135_596_800;

/** Whole seconds since the epoch of an RFC 3339 time, rounded down; that of Go's zero time where there is none. */
export function unixTime(value: unknown): number {
  return optionalUnixTime(value) ?? ZERO_TIME;
}

/** As {@link unixTime}, undefined where there is no time. */
export function optionalUnixTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const milliseconds = Date.parse(value);
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}
