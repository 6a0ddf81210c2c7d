import type { IngestRoute } from '../model/ingest.ts';
import type { Labels } from '../model/labels.ts';
import type { Logger } from '../lib/logger.ts';
import type { Alert, AlertEvent, Delivery, Notification } from '../model/alert.ts';
import type { LogFileStatus, StoreStat, SystemStatus } from '../model/status.ts';
import type { CountLogs, SearchLogs } from '../model/log.ts';
import type { Matcher } from '../model/matcher.ts';
import type { Select, SeriesColumns, VectorSample } from '../model/query.ts';
import type { Alertmanager } from '../model/alertmanager.ts';
import type { ReloadControl } from '../model/reload.ts';
import type { AnswerProbe } from '../model/probe.ts';
import type { RuleGroupStatus } from '../model/rule.ts';
import type { Exemplar, FloatHistogram, MetricMetadata } from '../model/sample.ts';
import type { DroppedTarget, TargetStatus } from '../model/target.ts';
import type { ServerConfig } from './config.ts';

/**
 * What a process can serve, in groups: each is whole or absent. Routes of an absent group answer 501 (`groupOf`).
 * Times are milliseconds since the epoch.
 */
export interface Groups {
  readonly language?: QueryLanguage;
  readonly queries?: Queries;
  readonly alerts?: Alerts;
  readonly alertmanager?: Alertmanager;
  readonly targets?: Targets;
  readonly logs?: Logs;
  readonly status?: Status;
  readonly admin?: StoreAdmin;
  readonly lifecycle?: ReloadControl;
  readonly probe?: AnswerProbe;
}

export interface ApiOptions extends Groups {
  readonly config: ServerConfig;
  readonly logger?: Logger;
  /** The folder of the built console, served at `/`. */
  readonly consoleFolder?: string;
  readonly now?: () => number;
  readonly ingest?: readonly IngestRoute[];
  /** Where every write is recorded; see `createAuditLog`. */
  readonly audit?: AuditLog;
}

/** Series of the embedded store. */
export interface Queries {
  readonly engine: QueryEngine;
  /** An engine over a narrowed `select`, for callers with a scope. */
  readonly engineOver: (select: Select) => QueryEngine;
  readonly select: Select;
  readonly labelNames: (request: SeriesRequest, signal?: AbortSignal) => Promise<readonly string[]>;
  readonly labelValues: (name: string, request: SeriesRequest, signal?: AbortSignal) => Promise<readonly string[]>;
  readonly series: (request: SeriesRequest, signal?: AbortSignal) => Promise<readonly Labels[]>;
  readonly exemplars: (request: SeriesRequest, signal?: AbortSignal) => Promise<readonly ExemplarSeries[]>;
  readonly metadata: (metric: string) => Promise<readonly MetricMetadata[]>;
  readonly storeStat: (limit: number) => Promise<StoreStat>;
}

/** Rules, what they found, and who was notified. */
export interface Alerts {
  readonly ruleGroups: () => readonly RuleGroupStatus[];
  /** Alerts as they stand after enrichment: what the console shows beside the Prometheus form. */
  readonly alerts: () => readonly Alert[];
  readonly notifications: (limit: number) => Promise<readonly Notification[]>;
  readonly deliveries: (limit: number) => Promise<readonly Delivery[]>;
  readonly alertEvents: (query: AlertEventQuery) => Promise<readonly AlertEvent[]>;
  readonly playbook: (name: string) => Promise<Playbook | undefined>;
}

export interface Targets {
  readonly targets: () => readonly TargetStatus[];
  readonly droppedTargets: () => readonly DroppedTarget[];
  readonly targetMetadata: (target: TargetStatus) => readonly MetricMetadata[];
}

export interface Logs {
  readonly searchLogs: SearchLogs;
  /** Absent where records cannot be counted. */
  readonly countLogs?: CountLogs;
  /** Absent where the process follows no files. */
  readonly logFiles?: () => readonly LogFileStatus[];
}

/** What the process says of itself. */
export interface Status {
  readonly status: () => SystemStatus;
  readonly ready: () => Readiness;
  /** The page of `/metrics`. */
  readonly selfMetrics: () => Promise<string>;
  /** The configuration as running, secrets masked. */
  readonly configYaml: () => string;
  readonly flags: () => Readonly<Record<string, string>>;
  /** What `/api/v1/features` says beside what the API itself can do. */
  readonly features: Features;
}

/** One write: who, from where, what, and how it ended. */
export interface AuditEntry {
  /** RFC 3339. */
  readonly time: string;
  readonly principal: string;
  /** How the caller was known: `token`, `basic`, `session`, `none`. */
  readonly via: string;
  /** The client's address. */
  readonly from: string;
  /** `POST /api/v1/admin/tsdb/delete_series`. */
  readonly action: string;
  /** The parameters that the route declares for the log. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly status: number;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly requestId: string;
}

export interface AuditLog {
  write(entry: AuditEntry): void;
}

/** By section and name, as Prometheus calls them. */
export type Features = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

export interface QueryEngine {
  /** A native histogram in the form that Prometheus' JSON has. */
  readonly histogramJson: (histogram: FloatHistogram) => unknown;
  instant(expr: string, at: number, options: QueryOptions): Promise<QueryResult>;
  range(expr: string, start: number, end: number, step: number, options: QueryOptions): Promise<QueryResult>;
}

export interface QueryOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds; undefined: the engine's own. */
  readonly timeout?: number;
  readonly lookback?: number;
  readonly stats?: 'all' | undefined;
}

export type QueryResult = QueryValue & {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats?: QueryStats;
};

export interface QueryStats {
  /** Samples that were looked at: those of overlapping ranges each time, or once. */
  readonly totalSamples: number;
  readonly samplesRead: number;
  /** The most samples that were held at a time. */
  readonly peakSamples: number;
  /** `totalSamples` and `samplesRead` by step, with its time in milliseconds. */
  readonly perStep?: { readonly times: Float64Array; readonly total: Float64Array; readonly read: Float64Array };
  /** Milliseconds of the evaluation. */
  readonly evalTime: number;
}

type QueryValue =
  | { readonly type: 'scalar'; readonly timestamp: number; readonly value: number }
  | { readonly type: 'string'; readonly timestamp: number; readonly value: string }
  | { readonly type: 'vector'; readonly samples: readonly VectorSample[] }
  | { readonly type: 'matrix'; readonly series: readonly SeriesColumns[] };

/** Each throws for a text that is none, in Prometheus' words. */
export interface QueryLanguage {
  /** The matchers of a lone vector selector. */
  parseSelector(text: string): readonly Matcher[];
  format(expr: string): string;
  /** On one line, as Prometheus shows an expression that it was given. */
  print(expr: string): string;
  /** The tree in Prometheus' JSON form. */
  tree(expr: string): unknown;
  explain(expr: string): unknown;
  /** The matchers of every selector in an expression. */
  selectors(expr: string): readonly (readonly Matcher[])[];
  /** The expression with matchers added to each of its selectors. */
  restrict(expr: string, matchers: readonly Matcher[]): string;
}

/** Series that satisfy all matchers of any of the sets (no set: all series) and have a sample in the time. */
export interface SeriesRequest {
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly start: number;
  readonly end: number;
  /** The most that is wanted; 0 = all. */
  readonly limit: number;
}

export interface ExemplarSeries {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

export interface StoreAdmin {
  deleteSeries(request: SeriesRequest): Promise<void>;
  /** Names the folder it made. */
  snapshot(): Promise<string>;
  cleanTombstones(): Promise<void>;
}

export interface AlertEventQuery {
  readonly start: number;
  readonly end: number;
  /** '' = all. */
  readonly alertname: string;
  readonly fingerprint: string;
  readonly limit: number;
}

export interface Playbook {
  readonly name: string;
  /** Safe to be put into a page as it is. */
  readonly html: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly why: string;
}
