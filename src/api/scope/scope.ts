import type { Matcher } from '../../model/matcher.ts';
import type { Select } from '../../model/query.ts';
import type { MetricMetadata } from '../../model/sample.ts';
import type { Scope } from '../auth/principal.ts';
import { MAX_TIME, MIN_TIME } from '../requests/params.ts';
import type { Groups, Logs, Queries, SeriesRequest, Status } from '../types.ts';
import { scopedAlerts } from './alerts.ts';

/**
 * The functions that requests of a scope are served from: what is outside the scope is not filtered out of answers but cannot
 * get into them. A group that is not named here does not exist for such callers, whatever is added to the API later.
 */
export function scoped({ language, queries, alerts, logs, status }: Groups, scope: Scope): Groups {
  return {
    language,
    queries: queries && scopedQueries(queries, scope.matchers),
    alerts: alerts && scopedAlerts(alerts, scope.matchers),
    logs: logs && scope.logMatchers && scopedLogs(logs, scope.logMatchers),
    status: status && scopedStatus(status),
  };
}

function scopedQueries(queries: Queries, matchers: readonly Matcher[]): Queries {
  const select: Select = (request, signal) =>
    queries.select({ ...request, matchers: [...request.matchers, ...matchers] }, signal);
  const narrow = (request: SeriesRequest) => scopedRequest(request, matchers);
  const everything = { matcherSets: [], start: MIN_TIME, end: MAX_TIME, limit: 0 };
  return {
    engine: queries.engineOver(select),
    engineOver: (narrower) => queries.engineOver(narrower),
    select,
    labelNames: (request, signal) => queries.labelNames(narrow(request), signal),
    labelValues: (name, request, signal) => queries.labelValues(name, narrow(request), signal),
    series: (request, signal) => queries.series(narrow(request), signal),
    exemplars: (request, signal) => queries.exemplars(narrow(request), signal),
    metadata: async (metric) =>
      ofMetrics(await queries.metadata(metric), await queries.labelValues('__name__', narrow(everything))),
    storeStat: () => Promise.reject(new Error('the figures of the store have no scope')),
  };
}

/** No set at all means every series. */
function scopedRequest(request: SeriesRequest, matchers: readonly Matcher[]): SeriesRequest {
  const sets = request.matcherSets.length === 0 ? [[]] : request.matcherSets;
  return { ...request, matcherSets: sets.map((set) => [...set, ...matchers]) };
}

/** A family has the name that its series have, or that name without its ending. */
function ofMetrics(all: readonly MetricMetadata[], names: readonly string[]): MetricMetadata[] {
  const known = familiesOf(names);
  return all.filter(({ metric }) => known.has(metric));
}

export function familiesOf(names: readonly string[]): Set<string> {
  return new Set(names.flatMap((name) => [name, name.replace(/_(total|bucket|count|sum|info|created)$/, '')]));
}

function scopedLogs({ searchLogs, countLogs }: Logs, sources: readonly Matcher[]): Logs {
  return {
    searchLogs: (request, signal) => searchLogs({ ...request, sources }, signal),
    countLogs: countLogs && ((request, signal) => countLogs({ ...request, sources }, signal)),
    logFiles: () => [],
  };
}

/** That the process runs, and nothing of what it collects, from where and for whom. */
function scopedStatus({ status, ready }: Status): Status {
  return {
    status: () => ({ version: status().version, startedAt: status().startedAt, identity: {}, pipelines: [] }),
    ready,
    selfMetrics: async () => '',
    configYaml: () => '',
    flags: () => ({}),
    features: {},
  };
}
