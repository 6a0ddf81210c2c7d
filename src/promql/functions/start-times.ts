/** When counters began, as far as their source said so: milliseconds by sample, 0 where unknown. */
export type StartTimes = ArrayLike<number>;

/** Whether the counter began anew between two samples, by what its source says (source: promql/functions.go). */
export function isStartReset(previousStart: number, previousTime: number, start: number, time: number): boolean {
  if (start === 0 || start >= time || start < previousTime) return false;
  if (start > previousTime) return true;
  // It began with the sample before: so do the deltas of a series that is reset each time, and so does one whose start is
  // not known; they differ in whether the sample before knew its own.
  return previousStart !== 0 && previousStart < previousTime;
}

/** Whether a sample claims to count from before the last one, though that one counts from elsewhere. */
export function startsOverlap(previousStart: number, previousTime: number, start: number): boolean {
  return start !== 0 && start < previousTime && start !== previousStart;
}
