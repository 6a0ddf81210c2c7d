import pc from 'picocolors';

const { isTTY } = process.stdout;

/** Colours on a terminal, none in a pipe; picocolors by itself would also colour whatever runs in CI. */
export const colours = pc.createColors(
  Boolean(isTTY) && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb',
);
