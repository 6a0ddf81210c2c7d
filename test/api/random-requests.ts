import type { Random } from '../promql/random.ts';

export interface ApiRequest {
  readonly method: string;
  /** Behind the host: `/api/v1/query?…`. */
  readonly path: string;
  readonly form?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Requests as people, scripts and mistakes make them, around a time range (milliseconds) that holds samples. */
export function randomRequest(random: Random, start: number, end: number): ApiRequest {
  const params = new Params(random, start, end);
  const [path, names] = random.weighted(ENDPOINTS);
  const pairs = names.flatMap((name) => params.pairs(name));
  if (random.chance(0.08) && pairs.length > 0) pairs.push(random.pick(pairs));
  if (random.chance(0.05)) pairs.push([random.pick(['nonsense', 'Query', 'match', 'start[]']), '1']);
  return shaped(random, fillPath(random, path), pairs);
}

type Endpoint = readonly [path: string, names: readonly string[]];

const RANGE = ['start', 'end'];

const ENDPOINTS: readonly (readonly [weight: number, endpoint: Endpoint])[] = [
  [8, ['/api/v1/query', ['query', 'time', 'timeout', 'limit', 'lookback_delta', 'stats']]],
  [8, ['/api/v1/query_range', ['query', ...RANGE, 'step', 'timeout', 'limit', 'lookback_delta', 'stats']]],
  [3, ['/api/v1/query_exemplars', ['query', ...RANGE]]],
  [5, ['/api/v1/series', ['match[]', ...RANGE, 'limit']]],
  [4, ['/api/v1/labels', ['match[]', ...RANGE, 'limit']]],
  [4, ['/api/v1/label/:name/values', ['match[]', ...RANGE, 'limit']]],
  [2, ['/api/v1/metadata', ['metric', 'limit', 'limit_per_metric']]],
  [2, ['/api/v1/targets', ['state', 'scrapePool']]],
  [2, ['/api/v1/targets/metadata', ['match_target', 'metric', 'limit']]],
  [5, ['/api/v1/rules', ['type', 'rule_name[]', 'rule_group[]', 'file[]', 'exclude_alerts', 'match[]', 'group_limit', 'group_next_token']]],
  [1, ['/api/v1/alerts', []]],
  [1, ['/api/v1/alertmanagers', []]],
  [1, ['/api/v1/scrape_pools', []]],
  [3, ['/api/v1/format_query', ['query']]],
  [3, ['/api/v1/parse_query', ['query']]],
  [2, ['/api/v1/status/tsdb', ['limit']]],
  [3, ['/federate', ['match[]']]],
  [2, [':odd', []]],
]; // prettier-ignore

const ODD_PATHS = [
  '/api/v1/', '/api/v1/nope', '/api/v2/query', '/api/v1/query/x', '/api/v1/label', '/api/v1/label/job', '/api/v1/label/job/value', '/api/v1/status', '/api/v1/status/nope', '/-/healthy', '/-/ready', '/-/nope',
]; // prettier-ignore

function fillPath(random: Random, path: string): string {
  if (path === ':odd') return random.pick(ODD_PATHS);
  return path.replace(':name', () => encodeURIComponent(random.pick(LABELS)));
}

const LABELS = [
  'job',
  '__name__',
  'instance',
  'nosuch',
  'a.b',
  'U__a_2e_b',
  'U__',
  'U__a',
  'U__a_zz_b',
  'U___',
  'U__a__b',
  'U__a_d800_',
  'a b',
  '1a',
  'é',
  'kind',
  'code',
  '%',
  'U__é',
];

const NAMES = ['up', 'http_requests_total', 'odd', 'gone', 'latency', 'nosuch'];

const SELECTORS = [
  ...NAMES, '{job="shop"}', '{job=~"s.*"}', '{job!="shop",__name__=~".+"}', '{}', '{job=""}', '{job=~".*"}', '{__name__="up"}', '{"up"}', '{"a.b"=~".+"}', 'up{job="till"}', 'up{', 'up}', '', ' up ', 'up[5m]', 'up offset 5m', 'rate(up[1m])', '1', '"x"', 'up{job=~"("}', 'up{a!~"x"}', '{__name__=~"up|gone"}', 'up @ 5', 'http_requests_total{code!="200"}', '{job="shop" or job="till"}', 'up{job="a',
]; // prettier-ignore

const QUERIES = [
  ...SELECTORS, '1', '1+1', '-1', 'NaN', 'Inf', '-Inf', '1e100', '1e-100', '0x1F', '"text"', "'a\\nb'", '`raw`', 'time()', 'vector(1)', 'scalar(up)', 'up == 1', 'up > bool 0', 'sum(up)', 'sum by (job) (up)', 'count without (job) (up)', 'topk(1, up)', 'bottomk(2, http_requests_total)', 'quantile(0.5, up)', 'quantile(2, up)', 'count_values("v", up)', 'rate(http_requests_total[5m])', 'rate(up[1m])', 'increase(http_requests_total[3m])', 'delta(up[5m])', 'irate(odd[5m])', 'deriv(up[5m])', 'predict_linear(up[5m], 60)', 'histogram_quantile(0.9, latency)', 'histogram_quantile(0.9, up)', 'histogram_count(latency)', 'histogram_sum(rate(latency[5m]))', 'latency', '-latency', 'latency + up', 'latency / 2', 'sum(latency)', 'avg(latency)', 'absent(nosuch)', 'absent(up)', 'absent_over_time(nosuch[5m])', 'up or nosuch', 'up and on(job) http_requests_total', 'up unless up', 'up * on(job) group_left() up', 'http_requests_total * on(job) group_left(code) up', 'http_requests_total + on(job) up', 'up + http_requests_total', 'label_replace(up, "x", "$1", "job", "(.).*")', 'label_replace(up, "x", "y", "job", "(")', 'label_join(up, "x", "-", "job", "instance")', 'sort(up)', 'sort_desc(http_requests_total)', 'sort_by_label(up, "job")', 'max_over_time(up[5m:30s])', 'sum_over_time(sum(up)[5m:])', 'up[5m:1m]', 'up[5m]', 'latency[2m]', 'up offset -1m', 'up @ start()', 'up @ end()', 'timestamp(up)', 'day_of_week()', 'clamp(up, 0, 1)', 'clamp(up, 1, 0)', 'round(http_requests_total, 10)', 'stddev(http_requests_total)', 'group(up)', 'changes(up[10m])', 'resets(http_requests_total[10m])', 'avg_over_time(odd[10m])', 'quantile_over_time(0.5, odd[10m])', 'limitk(1, up)', 'limit_ratio(0.5, up)', 'info(up)', 'up % 2', '1 / 0', '2 ^ 3 ^ 2', 'up atan2 up', 'sum(', ')', '()', 'nofunc(up)', 'sum up', 'up up', 'rate(up)', 'topk(up)', 'vector("a")', 'sum(1)', 'up{job="a", }', '{"a.b"="with \\"quotes\\" and \\\\"}', 'sum by ("a.b") (up)', 'up # comment', 'ünïcode', '😀', '\u0000', 'up\tup', 'a:b:c', 'min_over_time((up > 0)[5m:])', 'rate(http_requests_total[5m] offset 1m)', 'http_requests_total offset 1d', 'up[1h] @ 0', 'ceil(-0.5)', 'http_requests_total{job=~"shop|till", code=~"2.."}', 'sum(rate(http_requests_total[1m])) by (job) / ignoring(code) sum(up) by (job)', 'histogram_fraction(0, 1, latency)', 'first_over_time(up[5m])', 'double_exponential_smoothing(up[5m], 0.5, 0.5)', 'up[5m] anchored', 'rate(up[5m] smoothed)', 'up + fill(0) nosuch', 'sgn(up)', 'pi()', 'minute(vector(1e9))', 'up[step()]', 'rate(up[5m+1m])', 'up offset (1m*2)',
]; // prettier-ignore

const ODD_TIMES = [
  '',
  '0',
  '-1',
  '1',
  '1.5',
  '1e3',
  '1e400',
  '-1e400',
  '1e18',
  '-1e18',
  '9223372036854775807',
  '9223372036.854775807',
  'NaN',
  'Inf',
  '+Inf',
  '-Inf',
  'abc',
  '0x10',
  '1_000',
  '2020-01-01',
  '2020-01-01T00:00:00Z',
  '2020-01-01T00:00:00+02:00',
  '2020-01-01T00:00:00.123456789Z',
  '2020-01-01t00:00:00z',
  '2020-13-01T00:00:00Z',
  '2020-02-30T00:00:00Z',
  '2020-01-01T24:00:00Z',
  '2020-01-01T00:00:60Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '-292273086-05-16T16:47:06Z',
  '292277025-08-18T07:12:54.999999999Z',
  '2020-01-01T00:00:00',
  '2020-01-01 00:00:00Z',
  '2020-01-01T00:00:00,5Z',
  '2020-01-01T0:00:00Z',
  '2020-01-01T00:00:00+2:00',
  ' 5',
  '5 ',
  '+5',
  '.5',
  '5.',
  '1e',
  'now',
  '1.0005',
  '1.0015',
  '-0.0005',
  '1e15',
  '1e-9',
  '٣',
  '2020-01-01T00:00:00+25:00',
  '2020-01-01T00:00:00+24:00',
  '2020-01-01T00:00:00-00:00',
];
const ODD_DURATIONS = [
  '',
  '0',
  '-1',
  '1',
  '0.001',
  '0.0001',
  '1e-9',
  '1e400',
  '1e10',
  '9223372036',
  '9223372037',
  'NaN',
  'Inf',
  '-Inf',
  'abc',
  '5m',
  '-5m',
  '1h30m',
  '30m1h',
  '1.5m',
  '5 m',
  '1d',
  '1w',
  '1y',
  '300y',
  '1ms',
  '0ms',
  '500ms',
  '5M',
  'm',
  '1_000',
  '0x10',
  '+5',
  '.5',
  '5.',
  ' 5',
  '1e3',
  '1m1m',
  '00m',
  '5s5',
  '1000000y',
  '1µs',
  '1us',
  '1ns',
];
const ODD_LIMITS = [
  '',
  '0',
  '1',
  '2',
  '3',
  '10',
  '-1',
  '1.5',
  'abc',
  '1e3',
  '0x2',
  '+2',
  ' 2',
  '99999999999999999999',
  '1_0',
  '-0',
  'NaN',
  '2147483648',
  '10000',
  '10001',
  '01',
];

class Params {
  readonly #random: Random;
  readonly #start: number;
  readonly #end: number;

  constructor(random: Random, start: number, end: number) {
    this.#random = random;
    this.#start = start;
    this.#end = end;
  }

  /** None, one or several of a parameter. */
  pairs(name: string): [string, string][] {
    const random = this.#random;
    if (name.endsWith('[]')) {
      const count = random.weighted([[2, 0], [6, 1], [2, 2], [1, 3]] as const); // prettier-ignore
      return Array.from({ length: count }, () => [name, this.#value(name)]);
    }
    return random.chance(PRESENT[name] ?? 0.3) ? [[name, this.#value(name)]] : [];
  }

  #value(name: string): string {
    const random = this.#random;
    const odd = random.chance(0.15);
    switch (name) {
      case 'query':
        return random.pick(QUERIES);
      case 'match[]':
      case 'match_target':
        return random.pick(SELECTORS);
      case 'time':
        return odd ? random.pick(ODD_TIMES.slice(1)) : this.#time(random.int(this.#start, this.#end));
      case 'start':
        return odd ? random.pick(ODD_TIMES) : this.#time(this.#start + random.int(0, 4) * 60_000);
      case 'end':
        return odd ? random.pick(ODD_TIMES) : this.#time(this.#end - random.int(0, 5) * 60_000);
      case 'step':
        return odd ? random.pick(ODD_DURATIONS) : random.pick(['15', '30s', '1m', '60.5', '2m', '0.5m', '10m', '7']);
      case 'timeout':
      case 'lookback_delta':
        return random.pick(odd ? ODD_DURATIONS : ['1m', '30', '10s', '5m', '2m30s']);
      case 'limit':
      case 'limit_per_metric':
      case 'group_limit':
        return random.pick(ODD_LIMITS);
      case 'stats':
        return random.pick(['', 'all', 'true', 'none']);
      case 'type':
        return random.pick(['', 'alert', 'record', 'Alert', 'RECORD', 'alerts', 'recording', 'x"y']);
      case 'exclude_alerts':
        return random.pick(['', 'true', 'false', '1', '0', 't', 'T', 'yes', 'TRUE', 'tRUE', 'x"y']);
      case 'state':
        return random.pick(['', 'active', 'dropped', 'any', 'Active', 'nope']);
      case 'rule_name[]':
        return random.pick(['', 'Down', 'Always', 'job:up:sum', 'nope']);
      case 'rule_group[]':
        return random.pick(['', 'records', 'alerts', 'nope']);
      case 'file[]':
        return random.pick(['', 'rules.yml', 'nope.yml', '/rules.yml']);
      default:
        return random.pick(['', 'up', 'nope', 'é', 'a b', '"']);
    }
  }

  #time(ms: number): string {
    return this.#random.pick([String(ms / 1000), new Date(ms).toISOString(), (ms / 1000).toExponential(), `${Math.floor(ms / 1000)}.5`]); // prettier-ignore
  }
}

/** How often a parameter is there; the others in three of ten requests. */
const PRESENT: Readonly<Record<string, number>> = { query: 0.97, start: 0.9, end: 0.9, step: 0.95, time: 1 };

function shaped(random: Random, path: string, pairs: readonly [string, string][]): ApiRequest {
  const text = pairs.map(([name, value]) => `${random.chance(0.8) ? name : encodeURIComponent(name)}=${random.chance(0.2) ? encodeURIComponent(value).replaceAll('%20', '+') : encodeURIComponent(value)}`).join('&'); // prettier-ignore
  const url = text === '' ? path : `${path}?${text}`;
  const odd = random.next();
  if (odd < 0.12) return { method: 'POST', path, form: text, headers: { 'content-type': FORM } };
  if (odd < 0.15) {
    const cut = text.indexOf('&');
    return { method: 'POST', path: `${path}?${text.slice(cut + 1)}`, form: text.slice(0, Math.max(0, cut)), headers: { 'content-type': FORM } }; // prettier-ignore
  }
  if (odd < 0.17) return { method: random.pick(['PUT', 'DELETE', 'PATCH']), path: url };
  if (odd < 0.18) return { method: 'POST', path, form: text, headers: { 'content-type': random.pick(['text/plain', 'application/json']) } }; // prettier-ignore
  if (odd < 0.2) return { method: 'GET', path: `${url}${random.pick(['&', '&&', '&=', '&=5', '&x', '&limit'])}` };
  return { method: 'GET', path: url };
}

const FORM = 'application/x-www-form-urlencoded';
