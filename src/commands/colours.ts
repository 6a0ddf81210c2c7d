import pc from 'picocolors';

/** Colours on a terminal, none in a pipe; picocolors by itself would also colour whatever runs in CI. */
export const colours = pc.createColors(
  process.stdout.isTTY && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb',
);
