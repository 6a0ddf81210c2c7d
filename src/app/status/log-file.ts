import type { Logs } from '../../logs/index.ts';
import type { LogFileStatus } from '../../model/status.ts';

/** Converts the state of a log file to the API's form. */
export function logFileStatus({
  path,
  state,
  reason,
  size,
  offset,
  lines,
  lastAccepted,
}: ReturnType<Logs['files']>[number]): LogFileStatus {
  const shown = ({ followed: 'following', draining: 'finished', skipped: 'skipped' } as const)[state];
  return { path, state: shown, reason, size, position: offset, lastRead: lastAccepted, lines };
}
