import { formatGoDuration, formatTime } from './time.ts';
import { GoDuration, GoFunc, GoTime, type GoValue, type Methods } from './values.ts';

/** The methods of Go's own types that templates use, by type. */
export const METHODS: Readonly<Record<string, (receiver: never) => Methods>> = {
  'time.Time': timeMethods,
  'time.Duration': durationMethods,
};

function timeMethods(time: GoTime): Methods {
  const part = (layout: string) => new GoFunc([], () => BigInt(formatTime(time, layout)));
  return {
    Format: new GoFunc(['string'], (layout: string) => formatTime(time, layout)),
    String: new GoFunc([], () => formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST')),
    UTC: new GoFunc([], () => new GoTime(time.ms)),
    Local: new GoFunc([], () => new GoTime(time.ms)),
    Unix: new GoFunc([], () => BigInt(Math.floor(time.ms / 1000))),
    UnixMilli: new GoFunc([], () => BigInt(Math.floor(time.ms))),
    UnixNano: new GoFunc([], () => BigInt(Math.round(time.ms * 1e6))),
    Year: part('2006'),
    Month: new GoFunc([], () => formatTime(time, 'January')),
    Day: part('2'),
    Hour: part('15'),
    Minute: part('4'),
    Second: part('5'),
    Nanosecond: new GoFunc([], () => BigInt(Math.round((time.ms % 1000) * 1e6))),
    YearDay: new GoFunc([], () => BigInt(formatTime(time, '002').replace(/^0+/, ''))),
    Weekday: new GoFunc([], () => formatTime(time, 'Monday')),
    IsZero: new GoFunc([], () => time.ms === ZERO_TIME),
    Add: new GoFunc(['time.Duration'], (by: GoDuration) => new GoTime(time.ms + Number(by.nanos) / 1e6, time.zone)),
    Sub: new GoFunc(['time.Time'], (other: GoTime) => between(other, time)),
    After: new GoFunc(['time.Time'], (other: GoTime) => time.ms > other.ms),
    Before: new GoFunc(['time.Time'], (other: GoTime) => time.ms < other.ms),
    Equal: new GoFunc(['time.Time'], (other: GoTime) => time.ms === other.ms),
  };
}

/** Year 1, Go's zero time. */
export const ZERO_TIME = -62_135_596_800_000;

export function between(from: GoTime, to: GoTime): GoDuration {
  return new GoDuration(BigInt(Math.round((to.ms - from.ms) * 1e6)));
}

function durationMethods(duration: GoDuration): Methods {
  const nanos = duration.nanos;
  const float = (unit: number) => new GoFunc([], () => Number(nanos) / unit);
  return {
    String: new GoFunc([], () => formatGoDuration(nanos)),
    Seconds: float(1e9),
    Minutes: float(6e10),
    Hours: float(3.6e12),
    Milliseconds: new GoFunc([], () => nanos / 1_000_000n),
    Microseconds: new GoFunc([], () => nanos / 1000n),
    Nanoseconds: new GoFunc([], () => nanos),
    Abs: new GoFunc([], (): GoValue => new GoDuration(nanos < 0n ? -nanos : nanos)),
    Round: new GoFunc(['time.Duration'], (to: GoDuration) => new GoDuration(rounded(nanos, to.nanos))),
    Truncate: new GoFunc(
      ['time.Duration'],
      (to: GoDuration) => new GoDuration(to.nanos <= 0n ? nanos : nanos - (nanos % to.nanos)),
    ),
  };
}

/** Halves go away from zero. */
function rounded(nanos: bigint, to: bigint): bigint {
  if (to <= 0n) return nanos;
  const rest = nanos % to;
  const size = rest < 0n ? -rest : rest;
  if (size * 2n < to) return nanos - rest;
  return nanos < 0n ? nanos - (to - size) : nanos + (to - size);
}
