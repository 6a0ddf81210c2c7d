import type { WriteMetadata, WriteSeries } from '../model/sample.ts';

/** Where received samples go: the embedded store. */
export interface IngestTarget {
  readonly write: WriteSeries;
  /** As `write`, for samples of any age within retention. */
  readonly backfill: WriteSeries;
  readonly writeMetadata: WriteMetadata;
}
