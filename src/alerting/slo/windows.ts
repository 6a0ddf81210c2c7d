const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An alert looks at a short and a long window at once: the long one says that it matters, the short one that it still goes on. Milliseconds. */
export interface BurnWindow {
  readonly short: number;
  readonly long: number;
  /** How many times faster than even the budget is spent. */
  readonly factor: number;
}

export interface BurnWindows {
  /** Milliseconds over which the objective holds. */
  readonly period: number;
  readonly page: readonly BurnWindow[];
  readonly ticket: readonly BurnWindow[];
}

/** Windows of a period of 30 days, and the percentage of the budget that is spent when the long one is over (source: the SRE workbook, chapter 5). */
const STANDARD = {
  page: [
    { short: 5 * MINUTE, long: HOUR, percent: 2 },
    { short: 30 * MINUTE, long: 6 * HOUR, percent: 5 },
  ],
  ticket: [
    { short: 2 * HOUR, long: DAY, percent: 10 },
    { short: 6 * HOUR, long: 3 * DAY, percent: 10 },
  ],
};
const STANDARD_PERIOD = 30 * DAY;

/**
 * The windows of a period. 28 and 30 days have the same windows and, as Sloth has it, factors of their own; other periods have the
 * factors of 30 days, and windows that are longer or shorter as the period is.
 */
export function standardWindows(period: number): BurnWindows {
  const keeps = period === 28 * DAY || period === STANDARD_PERIOD;
  const windowsOf = (windows: typeof STANDARD.page): BurnWindow[] =>
    windows.map(({ short, long, percent }) => ({
      short: keeps ? short : scaled(short, period / STANDARD_PERIOD),
      long: keeps ? long : scaled(long, period / STANDARD_PERIOD),
      factor: (percent / 100) * ((keeps ? period : STANDARD_PERIOD) / long),
    }));
  return { period, page: windowsOf(STANDARD.page), ticket: windowsOf(STANDARD.ticket) };
}

/** Whole minutes, at least one. */
export function scaled(window: number, by: number): number {
  return Math.max(MINUTE, Math.round((window * by) / MINUTE) * MINUTE);
}
