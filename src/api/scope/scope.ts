import { compileMatch } from '../../lib/match.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { Select } from '../../model/query.ts';
import type { RuleGroupStatus } from '../../model/rule.ts';
import type { MetricMetadata } from '../../model/sample.ts';
import { MAX_TIME, MIN_TIME } from '../requests/params.ts';
import type { ApiOptions, SeriesRequest } from '../types.ts';
import type { TenantConfig } from './config.ts';

/**
 * What a tenant's requests are served from: only functions that cannot give anything but its series. What is not named
 * here a tenant does not have: targets, configuration, ingest, administration.
 */
export function scoped(options: ApiOptions, { name, matchers, log_matchers }: TenantConfig): ApiOptions {
  const { config, searchLogs, labelNames, labelValues, series, exemplars, metadata, ruleGroups } = options;
  const select = options.select === undefined ? undefined : scopedSelect(options.select, matchers);
  const narrow = (request: SeriesRequest) => scopedRequest(request, matchers);
  const values =
    labelValues === undefined
      ? undefined
      : (label: string, request: SeriesRequest, signal?: AbortSignal) => labelValues(label, narrow(request), signal);
  return {
    // Who calls is known already.
    config: { ...config, tenants: [], auth: { tokens: [], users: [] }, insecure: true, admin_api: false },
    tenant: { name, matchers },
    logger: options.logger,
    consoleFolder: options.consoleFolder,
    now: options.now,
    ready: options.ready,
    language: options.language,
    restrictExpr: options.restrictExpr,
    engine: select === undefined ? undefined : options.engineOver?.(select),
    select,
    labelValues: values,
    labelNames: labelNames && ((request, signal) => labelNames(narrow(request), signal)),
    series: series && ((request, signal) => series(narrow(request), signal)),
    exemplars: exemplars && ((request, signal) => exemplars(narrow(request), signal)),
    metadata:
      metadata &&
      values &&
      (async (metric) => {
        const names = await values('__name__', { matcherSets: [], start: MIN_TIME, end: MAX_TIME, limit: 0 });
        return ofMetrics(await metadata(metric), names);
      }),
    searchLogs:
      searchLogs && log_matchers && ((request, signal) => searchLogs({ ...request, sources: log_matchers }, signal)),
    ruleGroups: ruleGroups && (() => ruleGroups().flatMap((group) => scopedGroup(group, matchers))),
  };
}

function scopedSelect(select: Select, matchers: readonly Matcher[]): Select {
  return (request, signal) => select({ ...request, matchers: [...request.matchers, ...matchers] }, signal);
}

/** No set at all means every series. */
function scopedRequest(request: SeriesRequest, matchers: readonly Matcher[]): SeriesRequest {
  const sets = request.matcherSets.length === 0 ? [[]] : request.matcherSets;
  return { ...request, matcherSets: sets.map((set) => [...set, ...matchers]) };
}

/** A family is told under the name that its series have, or under that name without its ending. */
export function ofMetrics(all: readonly MetricMetadata[], names: readonly string[]): MetricMetadata[] {
  const known = familiesOf(names);
  return all.filter(({ metric }) => known.has(metric));
}

export function familiesOf(names: readonly string[]): Set<string> {
  return new Set(names.flatMap((name) => [name, name.replace(/_(total|bucket|count|sum|info|created)$/, '')]));
}

/** Rules and alerts that carry the tenant's labels; a rule with such an alert is shown with none but those. */
function scopedGroup(status: RuleGroupStatus, matchers: readonly Matcher[]): RuleGroupStatus[] {
  const belongs = labelTest(matchers);
  const rules = status.rules.flatMap((rule) => {
    const alerts = rule.alerts.filter(({ labels }) => belongs((name) => labels.get(name)));
    const own = alerts.length > 0 || belongs((name) => rule.rule.labels[name] ?? '');
    return own ? [{ ...rule, alerts }] : [];
  });
  return rules.length === 0 ? [] : [{ ...status, rules }];
}

/** Whether labels, asked for by name, satisfy all matchers. */
export function labelTest(matchers: readonly Matcher[]): (label: (name: string) => string) => boolean {
  const tests = matchers.map(({ name, op, value }) => ({ name, test: compileMatch(op, value) }));
  return (label) => tests.every(({ name, test }) => test(label(name)));
}
