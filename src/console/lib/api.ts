import type { AlertEvent, Delivery, PageFields, Provenance } from '../../model/alert.ts';
import type { LogFileStatus, StoreStat, SystemStatus } from '../../model/status.ts';
import type { LogRecord } from '../../model/log.ts';

export type LabelSet = Readonly<Record<string, string>>;

/** An answer that is no success, in the server's words. */
class ApiFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
  }
}

interface Envelope<T> {
  readonly status: 'success' | 'error';
  readonly data: T;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

type Params = Readonly<Record<string, string | number | undefined>>;

async function ask<T>(path: string, params: Params, signal?: AbortSignal): Promise<Envelope<T>> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  const response = await fetch(text === '' ? path : `${path}?${text}`, { signal });
  const body = (await response.json().catch(() => ({ status: 'error' }))) as Envelope<T>;
  if (body.status !== 'success')
    throw new ApiFailure(response.status, body.error ?? `${response.status} ${response.statusText}`);
  return body;
}

async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return (await ask<T>(path, params, signal)).data;
}

/** What a process does not have is shown as empty; any other failure is one. */
async function getOr<T>(fallback: T, path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  try {
    return await get<T>(path, params, signal);
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 501) return fallback;
    throw error;
  }
}

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
  readonly value: number | null;
  readonly fields: PageFields;
  readonly provenance: Provenance;
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
  readonly value: number | null;
};

export interface Metadata {
  readonly type: string;
  readonly unit: string;
  readonly help: string;
}

export interface MatrixSeries {
  readonly metric: LabelSet;
  readonly values?: readonly (readonly [time: number, value: string])[];
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
}

export type { Delivery, LogFileStatus, LogRecord, StoreStat, SystemStatus };

const OWN = '/api/crowsnest/v1';

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
  metricNames: (signal?: AbortSignal) =>
    getOr<string[]>([], '/api/v1/label/__name__/values', { limit: 20_000 }, signal),
  labelNames: (signal?: AbortSignal) => getOr<string[]>([], '/api/v1/labels', { limit: 2000 }, signal),
  labelValues: (name: string, signal?: AbortSignal) =>
    getOr<string[]>([], `/api/v1/label/${encodeURIComponent(name)}/values`, { limit: 500 }, signal),
  metadata: (signal?: AbortSignal) => getOr<Record<string, Metadata[]>>({}, '/api/v1/metadata', {}, signal),
  explain: (query: string, signal?: AbortSignal) =>
    getOr<Explained | undefined>(undefined, '/api/v1/explain_query', { query }, signal),
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
    return { series: answer.data.result, notes: [...(answer.warnings ?? []), ...(answer.infos ?? [])] };
  },
};

export function tailUrl(query: string): string {
  return `${OWN}/logs/tail?${new URLSearchParams({ query })}`;
}
