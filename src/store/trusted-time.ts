/**
 * The time by which data is old, milliseconds: the clock's, but never past the newest sample. A clock that is wrong makes
 * no data old; where there is none yet, there is only the clock.
 */
export function trustedNow(clock: number, newestSample: number): number {
  return newestSample === -Infinity ? clock : Math.min(clock, newestSample);
}
