import type { Clock } from '../lib/time/clock.ts';
import type { Reloadable } from '../lib/lifecycle/reload.ts';
import type { Logger } from '../lib/logger.ts';
import type { AlertEvent, RecordAlertEvents } from '../model/alert.ts';
import type { Labels } from '../model/labels.ts';
import type { CountLogs, SearchLogs, ShipLogs } from '../model/log.ts';
import type { Matcher } from '../model/matcher.ts';
import type { Select, SelectNewest } from '../model/query.ts';
import type { Exemplar, MetricMetadata, WriteMetadata, WriteSeries } from '../model/sample.ts';
import type { StoreStat } from '../model/status.ts';
import type { StoreConfig } from './config.ts';

export interface StoreOptions {
  readonly config: StoreConfig;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** Series that satisfy all matchers of any of the sets (no set: all series) and have a sample in the time. */
export interface SeriesSelection {
  readonly matcherSets: readonly (readonly Matcher[])[];
  /** Milliseconds, both inclusive. */
  readonly start: number;
  readonly end: number;
  /** The most that is wanted; 0 = all. */
  readonly limit: number;
}

export interface SeriesExemplars {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

export interface AlertHistoryQuery {
  readonly start: number;
  readonly end: number;
  /** '' = all. */
  readonly alertname: string;
  readonly fingerprint: string;
  readonly limit: number;
}

/** What `verify` found wrong with one file. */
export interface Fault {
  readonly file: string;
  readonly fault: string;
}

/** Metrics, logs and alert history on the local disk. Every function that touches disk may reject with a StoreError. */
export interface Store extends Reloadable<StoreConfig> {
  readonly name: string;
  /** Resolves when the samples survive a crash. */
  readonly write: WriteSeries;
  /** As `write`, for samples of any age within retention: back-filling. */
  readonly backfill: WriteSeries;
  readonly writeMetadata: WriteMetadata;
  readonly select: Select;
  readonly selectNewest: SelectNewest;
  labelNames(selection: SeriesSelection): Promise<string[]>;
  labelValues(name: string, selection: SeriesSelection): Promise<string[]>;
  series(selection: SeriesSelection): Promise<Labels[]>;
  exemplars(selection: SeriesSelection, signal?: AbortSignal): Promise<SeriesExemplars[]>;
  /** '' = of all metrics. */
  metadata(metric: string): Promise<MetricMetadata[]>;

  /** Exactly once: records at or below the source's highest committed offset count as duplicates. */
  readonly writeLogs: ShipLogs;
  readonly searchLogs: SearchLogs;
  readonly countLogs: CountLogs;

  readonly recordAlertEvents: RecordAlertEvents;
  alertEvents(query: AlertHistoryQuery): Promise<AlertEvent[]>;

  /** `limit`: how many names each of the top lists holds. */
  stat(limit?: number): Promise<StoreStat>;
  /** Reads every file on disk; an empty answer means all is well. */
  verify(): Promise<Fault[]>;
  /** Turns all but the newest data into blocks now, and applies retention. */
  compact(): Promise<void>;
  deleteSeries(selection: SeriesSelection): Promise<void>;
  /** Writes all data as blocks into a folder that must be new or empty. */
  exportTo(folder: string): Promise<void>;
  /** Takes over the blocks of a folder that `exportTo` made. */
  importFrom(folder: string): Promise<void>;
  /** As `exportTo`, into a folder of its own below the store; answers its path. */
  snapshot(): Promise<string>;
  close(): Promise<void>;
}
