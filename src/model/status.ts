/** Health of one pipeline, as a person asks "is anything wrong?". */
export interface PipelineHealth {
  readonly name: string;
  /** `off`: not configured here, and nothing is expected of it. */
  readonly state: 'ok' | 'degraded' | 'failed' | 'off';
  /** One line: `612 series every 15 s, 41 samples/s`. */
  readonly summary: string;
  /** Why it is not `ok`, and what to do about it; '' where it is. */
  readonly detail: string;
  /** Seconds between now and the newest thing that is through; undefined where nothing came yet. */
  readonly lag?: number;
  /** Things lost since the start, by reason. */
  readonly lost: Readonly<Record<string, number>>;
}

/** What one process says of itself. */
export interface SystemStatus {
  readonly version: string;
  /** Milliseconds. */
  readonly startedAt: number;
  /** `cluster`, `region`, `datacenter`, `node` as configured. */
  readonly identity: Readonly<Record<string, string>>;
  readonly pipelines: readonly PipelineHealth[];
}

/** A file or stream of lines as `Sources` shows it. */
export interface LogFileStatus {
  readonly path: string;
  readonly state: 'following' | 'idle' | 'finished' | 'skipped';
  /** Why it is skipped, or the last trouble with it; '' without. */
  readonly reason: string;
  /** Bytes in the file, and bytes of it that are acknowledged. */
  readonly size: number;
  readonly position: number;
  /** Milliseconds; 0 = never. */
  readonly lastRead: number;
  readonly lines: number;
}

/** The embedded store in figures; times in milliseconds, sizes in bytes. */
export interface StoreStat {
  readonly series: number;
  readonly samples: number;
  readonly logRecords: number;
  readonly bytes: number;
  readonly labelPairs: number;
  readonly chunks: number;
  /** Both 0 for an empty store. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly retention: string;
  readonly seriesByMetric: readonly NamedCount[];
  readonly valuesByLabel: readonly NamedCount[];
  readonly bytesByLabel: readonly NamedCount[];
  readonly seriesByLabelPair: readonly NamedCount[];
  /** Files in the folder `damaged`: what was found damaged since somebody last looked and cleared it. */
  readonly damaged: readonly string[];
}

export interface NamedCount {
  readonly name: string;
  readonly value: number;
}
