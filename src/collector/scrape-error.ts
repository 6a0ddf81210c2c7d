export type ScrapeFailure =
  | 'timeout'
  | 'connection'
  | 'http_status'
  | 'content_type'
  | 'body_size_limit'
  | 'garbage'
  | 'truncated'
  | 'sample_limit'
  | 'label_limit'
  | 'target_limit'
  | 'page';

/** What was read until a scrape failed. */
export interface ReadSamples {
  readonly scraped: number;
  /** Of these, what relabeling let through. */
  readonly kept: number;
  /** Series that were new. */
  readonly added: number;
}

export const NOTHING_READ: ReadSamples = { scraped: 0, kept: 0, added: 0 };

/** Why a scrape as a whole gave nothing: the target counts as down. */
export class ScrapeError extends Error {
  readonly reason: ScrapeFailure;
  readonly read: ReadSamples;

  constructor(reason: ScrapeFailure, message: string, cause?: unknown, read = NOTHING_READ) {
    super(message, { cause });
    this.name = 'ScrapeError';
    this.reason = reason;
    this.read = read;
  }

  after(read: ReadSamples): ScrapeError {
    const { scraped, kept, added } = read;
    return new ScrapeError(this.reason, this.message, this.cause, { scraped, kept, added });
  }
}
