import { isatty } from 'node:tty';
import pc from 'picocolors';

const STDOUT = 1;

/** Colours on a terminal, none in a pipe; picocolors by itself would also colour whatever runs in CI. */
export const colours = pc.createColors(
  isatty(STDOUT) && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb',
);
