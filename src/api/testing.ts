import { serverSchema } from './config.ts';
import { createApi } from './app.ts';
import { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type {
  Alerts,
  ApiOptions,
  Groups,
  Logs,
  Queries,
  QueryEngine,
  QueryLanguage,
  QueryResult,
  Status,
  Targets,
} from './types.ts';

/** Times of the tests: 2026-01-02T03:04:05Z. */
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Functions of all groups side by side; a group is there when one of its functions is. */
export type GivenFunctions = Partial<Queries & Alerts & Targets & Logs & Status> &
  Pick<
    Partial<ApiOptions>,
    | 'language'
    | 'alertmanager'
    | 'admin'
    | 'lifecycle'
    | 'probe'
    | 'ingest'
    | 'audit'
    | 'consoleFolder'
    | 'now'
    | 'logger'
  >;

/** An app over the given functions, that listens nowhere. */
export function testApi(given: GivenFunctions = {}, config: Record<string, unknown> = {}) {
  const {
    language,
    alertmanager,
    admin,
    lifecycle,
    probe,
    ingest,
    audit,
    consoleFolder,
    logger,
    now = () => NOW,
    ...functions
  } = given;
  return createApi({
    config: serverSchema.parse(config),
    now,
    language,
    alertmanager,
    admin,
    lifecycle,
    probe,
    ingest,
    audit,
    consoleFolder,
    logger,
    ...groupsOf(functions),
  });
}

const missing = async (): Promise<never> => Promise.reject(new Error('the test gives no such function'));

/** Each group whole: what the test does not give finds nothing. */
export function groupsOf(given: Partial<Queries & Alerts & Targets & Logs & Status>): Groups {
  const has = (...names: (keyof typeof given)[]) => names.some((name) => given[name] !== undefined);
  const select = given.select ?? missing;
  const queries: Queries = {
    engine: engineOf(missing), engineOver: () => given.engine ?? engineOf(missing), select, labelNames: missing, labelValues: missing,
    series: missing, exemplars: async () => [], metadata: missing, storeStat: missing, ...given,
  }; // prettier-ignore
  const alerts: Alerts = {
    ruleGroups: () => [], alerts: () => [], notifications: async () => [], deliveries: async () => [], alertEvents: async () => [],
    playbook: async () => undefined, ...given,
  }; // prettier-ignore
  const status: Status = {
    status: () => ({ version: 'test', startedAt: NOW, identity: {}, pipelines: [] }), ready: () => ({ ready: true, why: '' }),
    selfMetrics: async () => '', configYaml: () => '', flags: () => ({}), features: {}, ...given,
  }; // prettier-ignore
  return {
    ...(has('engine', 'select', 'labelNames', 'labelValues', 'series', 'exemplars', 'metadata', 'storeStat') && {
      queries,
    }),
    ...(has('ruleGroups', 'alerts', 'notifications', 'deliveries', 'alertEvents', 'playbook') && { alerts }),
    ...(has('targets', 'droppedTargets', 'targetMetadata') && {
      targets: { targets: () => [], droppedTargets: () => [], targetMetadata: () => [], ...given },
    }),
    ...(has('searchLogs', 'logFiles') && { logs: { searchLogs: missing, logFiles: () => [], ...given } }),
    ...(has('status', 'ready', 'selfMetrics', 'configYaml', 'flags', 'features') && { status }),
  };
}

/** Just enough of PromQL for the tests: `name{label="value"}`. */
export const language: QueryLanguage = {
  parseSelector(text) {
    const match = /^(\w*)(?:\{(?:(\w+)(=|!=|=~|!~)"([^"]*)")?\})?$/.exec(text);
    if (match === null) throw new Error('1:4: parse error: unexpected end of input inside braces');
    const [, metric, name, op, value] = match;
    const named: Matcher[] = metric === '' ? [] : [{ name: '__name__', op: '=', value: metric }];
    return name === undefined ? named : [...named, { name, op: op as Matcher['op'], value }];
  },
  format: (expr) => `pretty ${expr}`,
  print: (expr) => `printed ${expr}`,
  tree: (expr) => ({ type: 'vectorSelector', name: expr }),
  explain: (expr) => ({ text: `selects ${expr}` }),
  selectors: (expr) => [language.parseSelector(expr)],
  restrict: (expr) => expr,
};

export function vector(...samples: readonly [labels: Record<string, string>, value: number][]): QueryResult {
  return {
    type: 'vector',
    samples: samples.map(([labels, value]) => ({ labels: Labels.of(labels), timestamp: NOW, value })),
    warnings: [],
    infos: [],
  };
}

/** Only count and sum are kept. */
const HISTOGRAM_JSON: QueryEngine['histogramJson'] = ({ count, sum }) => ({ count: String(count), sum: String(sum) });

export function engineOf(answer: () => QueryResult | Promise<QueryResult>) {
  return { histogramJson: HISTOGRAM_JSON, instant: async () => answer(), range: async () => answer() };
}
