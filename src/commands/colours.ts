import { isatty } from 'node:tty';
import pc from 'picocolors';

const STDOUT = 1;

/** Colours on a terminal and none in a pipe; FORCE_COLOR and NO_COLOR decide otherwise. picocolors alone would also colour output in CI. */
export const colours = pc.createColors(wantsColours(process.env, isatty(STDOUT)));

/** `NO_COLOR` and `FORCE_COLOR` by their conventions: set and not empty; `FORCE_COLOR=0` and `=false` forbid. */
export function wantsColours(environment: NodeJS.ProcessEnv, terminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return terminal && !NO_COLOR && TERM !== 'dumb';
}
