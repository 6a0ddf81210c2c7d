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

/** `[error]` of nginx, `[core:error]` of Apache. */
const BRACKETED =
  /\[(?:[\w-]*:)?(trace\d?|debug|info|notice|warn|warning|error|err|crit|critical|alert|emerg|fatal|panic)\]/i;
/** Colours of a terminal. */
const COLOURS = /\u001b\[[0-9;]*m/g; // oxlint-disable-line no-control-regex
/** `<3>`: a syslog severity, in its last three bits. */
const PRIORITY = /^<(\d{1,3})>/;
const SEVERITIES = [6, 6, 6, 5, 4, 3, 3, 2];

const KLOG_CODES: Readonly<Record<string, number>> = { I: 3, W: 4, E: 5, F: 6 };

/** The level that the beginning of a line names, as a code. */
export function levelCodeOf(coloured: string): number {
  const head = coloured.includes('\u001b') ? coloured.replace(COLOURS, '') : coloured;
  const keyed = KEYED.exec(head);
  if (keyed !== null) return /^\d/.test(keyed[1]) ? Number(keyed[1]) / 10 : (CODES[keyed[1].toLowerCase()] ?? 0);
  const klog = KLOG.exec(head);
  if (klog !== null) return KLOG_CODES[klog[1]];
  const word = BRACKETED.exec(head) ?? WORD.exec(head) ?? LEADING.exec(head);
  if (word !== null) return CODES[word[1].toLowerCase().replace(/\d$/, '')] ?? 0;
  const priority = PRIORITY.exec(head);
  return priority === null ? 0 : SEVERITIES[Number(priority[1]) & 7];
}

/** The code of a level's name or alias, or undefined. */
export function levelCode(name: string): number | undefined {
  return CODES[name.toLowerCase()];
}
