import type { LogLevel } from '../../model/log.ts';

/** By the code under which the level is stored; 0 = the line does not say. */
export const LEVELS: readonly (LogLevel | '')[] = ['', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'];

const CODES: Readonly<Record<string, number>> = {
  trace: 1, finest: 1, verbose: 1, debug: 2, fine: 2, info: 3, information: 3, informational: 3, notice: 3,
  warn: 4, warning: 4, error: 5, err: 5, severe: 5, fatal: 6, critical: 6, crit: 6, alert: 6, emerg: 6,
  emergency: 6, panic: 6,
}; // prettier-ignore

/** `level=warn`, `"severity":"ERROR"`, `"level":50`. */
const KEYED = /["']?\b(?:log\.?level|level|lvl|severity)["']?\s*[=:]\s*["']?([A-Za-z]+|[1-6]0\b)/;
/** klog: `E0412 10:00:00.000000`. */
const KLOG = /^([IWEF])\d{4} \d\d:/;
const WORD =
  /(?:^|[\s[(|<>:])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|FATAL|CRITICAL|CRIT|ALERT|EMERG|PANIC)(?=[\s\])|<>:,]|$)/;
const LEADING = /^\W*(trace|debug|info|notice|warning|warn|error|fatal|critical|panic)\b\s*[:\])]/i;

const KLOG_CODES: Readonly<Record<string, number>> = { I: 3, W: 4, E: 5, F: 6 };

/** The level that the beginning of a line names, as a code. */
export function levelCodeOf(head: string): number {
  const keyed = KEYED.exec(head);
  if (keyed !== null) return /^\d/.test(keyed[1]) ? Number(keyed[1]) / 10 : (CODES[keyed[1].toLowerCase()] ?? 0);
  const klog = KLOG.exec(head);
  if (klog !== null) return KLOG_CODES[klog[1]];
  const word = WORD.exec(head) ?? LEADING.exec(head);
  return word === null ? 0 : (CODES[word[1].toLowerCase()] ?? 0);
}

/** The code of a level's name or alias, or undefined. */
export function levelCode(name: string): number | undefined {
  return CODES[name.toLowerCase()];
}
