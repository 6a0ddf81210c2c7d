import type { FileSet } from './files.ts';

/** One file as the user is shown it. */
export interface LogFileStatus {
  readonly path: string;
  /** `draining`: renamed or removed, and read to its end. */
  readonly state: 'followed' | 'draining' | 'skipped';
  /** Why a file is skipped, or cannot be read at the moment; '' otherwise. */
  readonly reason: string;
  /** Bytes accepted by the other side since the start. */
  readonly bytes: number;
  /** Records accepted by the other side since the start. */
  readonly lines: number;
  /** Milliseconds: when the other side last accepted something of it; 0 = not since the start. */
  readonly lastAccepted: number;
  /** Place up to which the other side has accepted everything. */
  readonly offset: number;
  readonly size: number;
  /** Seconds: age of the oldest bytes not yet accepted. */
  readonly lag: number;
}

const NOTHING = { reason: '', bytes: 0, lines: 0, lastAccepted: 0, offset: 0, size: 0, lag: 0 };

/** All files that are followed, and those that are not, with the reason. */
export function listFiles(files: FileSet, now: number): LogFileStatus[] {
  const list: LogFileStatus[] = [];
  for (const file of files.files()) {
    const { path, bytes, lines, lastAccepted, accepted: offset, size } = file;
    const reason = file.trouble?.reason ?? '';
    const state = file.rotatedOut === undefined ? 'followed' : 'draining';
    // The end of a line that is not written yet does not count as lag.
    const lag = file.isDrained() && file.inFlight.length === 0 ? 0 : file.lag.of(now, offset) / 1000;
    list.push({ path, state, reason, bytes, lines, lastAccepted, offset, size, lag });
  }
  for (const path of files.emptyPaths()) list.push({ ...NOTHING, path, state: 'followed' });
  for (const [path, reason] of files.skipped()) list.push({ ...NOTHING, path, state: 'skipped', reason });
  return list;
}
