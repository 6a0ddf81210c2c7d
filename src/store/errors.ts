/** Why the store could not do what it was asked; `reason` is for programs, the message for people. */
export class StoreError extends Error {
  readonly reason: StoreErrorReason;

  constructor(reason: StoreErrorReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreError';
    this.reason = reason;
  }

  /** Whether the same call may succeed later although nobody intervened. */
  get retryable(): boolean {
    return this.reason === 'unavailable' || this.reason === 'busy';
  }
}

/**
 * - `disk_full`: no space; writes work again once there is some.
 * - `locked`: another process has the folder open.
 * - `closed`: after `close()`.
 * - `version`: the files were written by a newer crowsnest.
 * - `too_many_samples`: a query asked for more than it may load.
 * - `bad_query`: a log search that cannot be parsed.
 * - `busy`: too much is on its way to the disk already; the same write works once some of that is stored.
 * - `unavailable`: anything else that went wrong on disk.
 */
export type StoreErrorReason =
  'disk_full' | 'locked' | 'closed' | 'version' | 'too_many_samples' | 'bad_query' | 'busy' | 'unavailable';

/** DuckDB reports by text alone; these are the texts that need an answer of their own. */
export function storeErrorOf(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const holder = /Could not set lock on file .*?\(PID (\d+)\)/s.exec(text);
  if (holder !== null || text.includes('Could not set lock on file')) {
    const who = holder === null ? '' : ` (process ${holder[1]})`;
    return new StoreError('locked', `${path}: another crowsnest already runs on this store${who}`, error);
  }
  if (/No space left on device|ENOSPC|EDQUOT|quota exceeded/i.test(text)) {
    return new StoreError('disk_full', `${path}: no space left on the disk`, error);
  }
  return new StoreError('unavailable', `${path}: ${text.split('\n')[0]}`, error);
}
