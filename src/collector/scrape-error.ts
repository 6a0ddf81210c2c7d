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

/** Why a scrape as a whole gave nothing: the target counts as down. */
export class ScrapeError extends Error {
  readonly reason: ScrapeFailure;

  constructor(reason: ScrapeFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ScrapeError';
    this.reason = reason;
  }
}
