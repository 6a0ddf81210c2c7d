import type { AlertEvent, Delivery, PageFields, Provenance } from '../../model/alert.ts';
import type { LogFileStatus, StoreStat, SystemStatus } from '../../model/status.ts';
import type { LogRecord, LogVolume } from '../../model/log.ts';
import { OWN, ask, get, getOr } from './ask.ts';

export type LabelSet = Readonly<Record<string, string>>;

export interface ActiveAlert {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly state: 'pending' | 'firing';
  readonly activeAt: string;
  readonly value: string;
}

export interface Rule {
  readonly type: 'alerting' | 'recording';
  readonly name: string;
  readonly query: string;
  readonly labels: LabelSet;
  readonly annotations?: LabelSet;
  readonly duration?: number;
  readonly state?: 'inactive' | 'pending' | 'firing';
  readonly health: 'unknown' | 'ok' | 'err';
  readonly lastError?: string;
  readonly lastEvaluation: string;
  readonly evaluationTime: number;
  readonly alerts?: readonly ActiveAlert[];
}

export interface RuleGroup {
  readonly name: string;
  readonly file: string;
  readonly interval: number;
  readonly lastEvaluation: string;
  readonly evaluationTime: number;
  readonly rules: readonly Rule[];
}

export interface Target {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly labels: LabelSet;
  readonly discoveredLabels: LabelSet;
  readonly health: 'unknown' | 'up' | 'down';
  readonly lastError: string;
  readonly lastScrape: string;
  readonly lastScrapeDuration: number;
  readonly scrapeInterval: string;
  /** Lines of the last page that were not taken, and the first of them. */
  readonly leftOut?: { readonly lines: number; readonly first: string };
}

export interface DroppedTarget {
  readonly scrapePool: string;
  readonly discoveredLabels: LabelSet;
  readonly reason?: string;
}

/** An alert as it stands after enrichment. Times in milliseconds. */
export interface PagedAlert {
  readonly labels: LabelSet;
  /** Without external labels: as the rule lists it. */
  readonly ruleLabels?: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly fingerprint: string;
  /** `+Inf`, `-Inf` and `NaN` as texts, which JSON has no number for. */
  readonly value: number | string | null;
  readonly fields: PageFields;
  readonly provenance: Provenance;
  /** It fires and notifies no one. */
  readonly muted?: 'silenced' | 'inhibited';
}

export interface Notification {
  readonly id: string;
  readonly receiver: string;
  readonly groupLabels: LabelSet;
  readonly status: 'firing' | 'resolved';
  readonly reason: string;
  readonly alerts: readonly PagedAlert[];
  readonly createdAt: number;
}

export type HistoryEvent = Omit<AlertEvent, 'labels' | 'value'> & {
  readonly labels: LabelSet;
  readonly value: number | string | null;
};

export interface Metadata {
  readonly type: string;
  readonly unit: string;
  readonly help: string;
}

export interface MatrixSeries {
  readonly metric: LabelSet;
  readonly values?: readonly (readonly [time: number, value: string])[];
  readonly histograms?: readonly unknown[];
}

type Sample = readonly [time: number, value: string];

/** A native histogram: count, sum, and its buckets with their bounds. */
type HistogramSample = readonly [time: number, value: { readonly count: string; readonly sum: string }];

export interface InstantSeries {
  readonly metric: LabelSet;
  readonly value?: Sample;
  readonly values?: readonly Sample[];
  readonly histogram?: HistogramSample;
  readonly histograms?: readonly HistogramSample[];
}

export interface InstantAnswer {
  readonly data:
    | { readonly resultType: 'vector'; readonly result: readonly InstantSeries[] }
    | { readonly resultType: 'matrix'; readonly result: readonly InstantSeries[] }
    | { readonly resultType: 'scalar'; readonly result: Sample }
    | { readonly resultType: 'string'; readonly result: Sample };
  readonly notes: readonly string[];
}

export interface RangeAnswer {
  readonly series: readonly MatrixSeries[];
  readonly notes: readonly string[];
}

/** What an expression does, as the server explains it. */
interface Explained {
  readonly expression?: string;
  readonly steps: readonly { readonly number: number; readonly words: string; readonly expression: string }[];
  readonly hints: readonly string[];
}

export interface LogPage {
  readonly records: readonly LogRecord[];
  readonly cursor: string;
  readonly more: boolean;
  /** Fields of the query that no record of the time has. */
  readonly unknownFields?: readonly string[];
}

export type { Delivery, LogFileStatus, LogRecord, LogVolume, StoreStat, SystemStatus };

export const api = {
  status: (signal?: AbortSignal) => getOr<SystemStatus | undefined>(undefined, `${OWN}/status`, {}, signal),
  rules: async (signal?: AbortSignal) =>
    (await getOr<{ groups: RuleGroup[] }>({ groups: [] }, '/api/v1/rules', {}, signal)).groups,
  alerts: (signal?: AbortSignal) => getOr<PagedAlert[]>([], `${OWN}/alerts`, {}, signal),
  notifications: (signal?: AbortSignal) => getOr<Notification[]>([], `${OWN}/notifications`, { limit: 100 }, signal),
  deliveries: (signal?: AbortSignal) => getOr<Delivery[]>([], `${OWN}/deliveries`, { limit: 500 }, signal),
  events: (filter: { fingerprint?: string; start?: number }, signal?: AbortSignal) =>
    getOr<HistoryEvent[]>(
      [],
      `${OWN}/alerts/events`,
      { fingerprint: filter.fingerprint, start: filter.start === undefined ? undefined : filter.start / 1000 },
      signal,
    ),
  playbook: (name: string, signal?: AbortSignal) =>
    get<{ name: string; html: string }>(`${OWN}/playbooks/${encodeURIComponent(name)}`, {}, signal),
  targets: (signal?: AbortSignal) =>
    getOr<{ activeTargets: Target[]; droppedTargets: DroppedTarget[] }>(
      { activeTargets: [], droppedTargets: [] },
      '/api/v1/targets',
      {},
      signal,
    ),
  logFiles: (signal?: AbortSignal) => getOr<LogFileStatus[]>([], `${OWN}/logs/files`, {}, signal),
  store: (signal?: AbortSignal) => getOr<StoreStat | undefined>(undefined, `${OWN}/store`, {}, signal),
  /** Names of metrics, of the series of a selector where one is given. */
  metricNames: (limit: number, match?: string, signal?: AbortSignal) =>
    getOr<string[]>([], '/api/v1/label/__name__/values', { limit, 'match[]': match }, signal),
  /** Names of labels of the series of the selectors; of all without one. */
  labelNames: (matches: readonly string[], signal?: AbortSignal) =>
    getOr<string[]>([], '/api/v1/labels', { limit: 2000, 'match[]': matches }, signal),
  labelValues: (name: string, match: string, limit: number, signal?: AbortSignal) =>
    getOr<string[]>([], `/api/v1/label/${escapedName(name)}/values`, { limit, 'match[]': match }, signal),
  /** Whether a selector has any series in the time. */
  async hasSeries(match: string, start: number, end: number, signal?: AbortSignal): Promise<boolean> {
    const params = { 'match[]': match, start: start / 1000, end: end / 1000, limit: 1 };
    return (await getOr<string[]>([], '/api/v1/labels', params, signal)).length > 0;
  },
  metadata: (signal?: AbortSignal) => getOr<Record<string, Metadata[]>>({}, '/api/v1/metadata', {}, signal),
  explain: (query: string, signal?: AbortSignal) =>
    getOr<Explained | undefined>(undefined, '/api/v1/explain_query', { query }, signal),
  /** How many records a query finds, by level, in each of `buckets` equal parts of a time; null where nothing counts them. */
  logVolume: (
    params: { query: string; start: number; end: number; buckets: number },
    signal?: AbortSignal,
  ): Promise<LogVolume | null> =>
    getOr<LogVolume | null>(
      null,
      `${OWN}/logs/volume`,
      { ...params, start: params.start / 1000, end: params.end / 1000 },
      signal,
    ),
  logs: (
    params: { query: string; start: number; end: number; limit: number; order?: 'newest' | 'oldest' },
    signal?: AbortSignal,
  ) => get<LogPage>(`${OWN}/logs`, { ...params, start: params.start / 1000, end: params.end / 1000 }, signal),
  async range(query: string, start: number, end: number, step: number, signal?: AbortSignal): Promise<RangeAnswer> {
    const answer = await ask<{ result: MatrixSeries[] }>(
      '/api/v1/query_range',
      { query, start: start / 1000, end: end / 1000, step: step / 1000 },
      signal,
    );
    return { series: answer.data.result, notes: notesOf(answer) };
  },
  async instant(query: string, time: number, signal?: AbortSignal): Promise<InstantAnswer> {
    const answer = await ask<InstantAnswer['data']>('/api/v1/query', { query, time: time / 1000 }, signal);
    return { data: answer.data, notes: notesOf(answer) };
  },
};

function notesOf({ warnings = [], infos = [] }: { warnings?: readonly string[]; infos?: readonly string[] }) {
  return [...warnings, ...infos];
}

/** A label's name as a path takes it: Prometheus' `U__` form where it holds what a path or a router may not. */
function escapedName(name: string): string {
  if (/^[a-zA-Z_]\w*$/.test(name)) return name;
  const escaped = Array.from(name, (char) => {
    if (char === '_') return '__';
    return /[a-zA-Z0-9]/.test(char) ? char : `_${char.codePointAt(0)?.toString(16)}_`;
  });
  return `U__${escaped.join('')}`;
}
