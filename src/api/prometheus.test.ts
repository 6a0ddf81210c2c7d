import { expect, test } from 'vitest';
import { Labels } from '../model/labels.ts';
import type { RuleGroupStatus } from '../model/rule.ts';
import type { TargetStatus } from '../model/target.ts';
import { type GivenFunctions, NOW, language, testApi } from './testing.ts';
import type { SeriesRequest } from './types.ts';
import { unescapeName } from './prometheus/escaped-name.ts';

const series = [
  Labels.of({ __name__: 'up', job: 'a' }),
  Labels.of({ __name__: 'up', job: 'b' }),
  Labels.of({ __name__: 'down', job: 'a' }),
];

function storeOf(asked: unknown[] = []): GivenFunctions {
  const limited = <T>(list: T[], request: SeriesRequest) => {
    asked.push(request);
    return request.limit === 0 ? list : list.slice(0, request.limit);
  };
  return {
    language,
    labelNames: async (request) => limited(['__name__', 'job'], request),
    labelValues: async (name, request) => limited(name === 'job' ? ['a', 'b'] : [name], request),
    series: async (request) => limited(series, request),
    metadata: async (metric) =>
      [
        { metric: 'up', type: 'gauge', unit: '', help: 'Whether' } as const,
        { metric: 'up', type: 'gauge', unit: '', help: 'Whether' } as const,
        { metric: 'up', type: 'unknown', unit: '', help: '' } as const,
        { metric: 'x_total', type: 'counter', unit: '', help: 'X' } as const,
      ].filter((entry) => metric === '' || entry.metric === metric),
  };
}

test.each([
  ['labels', ['__name__', 'job']],
  ['labels?match[]=up', ['__name__', 'job']],
  ['label/job/values', ['a', 'b']],
  ['label/U__a_2e_b/values', ['a.b']],
  ['series?match[]=up', series.map((labels) => labels.toJSON())],
  ['metadata?metric=x_total', { x_total: [{ type: 'counter', unit: '', help: 'X' }] }],
  ['metadata?limit=1', { up: [{ type: 'gauge', unit: '', help: 'Whether' }, { type: 'unknown', unit: '', help: '' }] }],
  ['metadata?limit=1&limit_per_metric=1', { up: [{ type: 'gauge', unit: '', help: 'Whether' }] }],
  ['alertmanagers', { activeAlertmanagers: [], droppedAlertmanagers: [] }],
])('%s', async (url, data) => {
  const app = await testApi(storeOf());
  const answer = await app.inject(`/api/v1/${url}`);
  expect(answer.json()).toEqual({ status: 'success', data });
}); // prettier-ignore

test.each(['labels?limit=1', 'label/job/values?limit=1', 'series?match[]=up&limit=2'])('%s is cut, and says so', async (url) => {
  const app = await testApi(storeOf());
  const answer = (await app.inject(`/api/v1/${url}`)).json();
  expect(answer.data).toHaveLength(Number(url.slice(-1)));
  expect(answer.warnings).toEqual(['results truncated due to limit']);
}); // prettier-ignore

test('a limit that cuts nothing warns of nothing', async () => {
  const app = await testApi(storeOf());
  expect((await app.inject('/api/v1/series?match[]=up&limit=3')).json()).not.toHaveProperty('warnings');
});

test('what several selectors find is merged by labels before it is cut', async () => {
  const app = await testApi(storeOf());
  const { data } = (await app.inject('/api/v1/series?match[]=up&match[]=down&limit=1')).json();
  expect(data).toEqual([{ __name__: 'down', job: 'a' }]);
});

test('matchers and times reach the store', async () => {
  const asked: unknown[] = [];
  const app = await testApi(storeOf(asked));
  await app.inject({
    method: 'POST',
    url: '/api/v1/series',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'match[]=up&match[]=down{job="a"}&start=1&end=2026-01-01T00:00:00Z',
  });
  expect(asked).toEqual([
    {
      matcherSets: [
        [{ name: '__name__', op: '=', value: 'up' }],
        [
          { name: '__name__', op: '=', value: 'down' },
          { name: 'job', op: '=', value: 'a' },
        ],
      ],
      start: 1000,
      end: Date.UTC(2026, 0, 1),
      limit: 0,
    },
  ]);
});

test.each([
  ['series', 'no match[] parameter provided'],
  ['series?match[]={}', 'invalid parameter "match[]": match[] must contain at least one non-empty matcher'],
  ['series?match[]={job=~".*"}', 'invalid parameter "match[]": match[] must contain at least one non-empty matcher'],
  ['series?match[]=up{', 'invalid parameter "match[]": 1:4: parse error: unexpected end of input inside braces'],
  ['series?match[]=up&start=abc', `invalid parameter "start": invalid time value for 'start': cannot parse "abc" to a valid timestamp`],
  ['labels?match[]={}', 'match[] must contain at least one non-empty matcher'],
  ['label/job/values?match[]=up{', '1:4: parse error: unexpected end of input inside braces'],
  ['label/U__/values', 'invalid label name: ""'],
  ['metadata?limit=abc', 'limit must be a number'],
  ['metadata?limit_per_metric=abc', 'limit_per_metric must be a number'],
  ['targets/metadata?limit=abc', 'limit must be a number'],
  ['targets/metadata?match_target={', 'invalid parameter "match_target": 1:4: parse error: unexpected end of input inside braces'],
  ['rules?type=foo', 'invalid parameter "type": not supported value "foo"'],
  ['rules?exclude_alerts=foo', 'invalid parameter "exclude_alerts": error converting exclude_alerts: strconv.ParseBool: parsing "foo": invalid syntax'],
  ['rules?group_limit=abc', 'invalid parameter "group_limit": group_limit needs to be a valid number: strconv.ParseInt: parsing "abc": invalid syntax'],
  ['rules?group_limit=0', 'invalid parameter "group_limit": group_limit needs to be greater than 0'],
  ['rules?group_next_token=abc', 'invalid parameter "group_next_token": group_limit needs to be present in order to paginate over the groups'],
  ['rules?group_next_token=abc&group_limit=1', `invalid parameter "group_next_token": invalid group_next_token 'abc'. were rule groups changed?`],
  ['status/tsdb?limit=abc', 'limit must be a positive number'],
  ['status/tsdb?limit=0', 'limit must be a positive number'],
])('%s is refused in the words of Prometheus', async (url, error) => {
  const app = await testApi({ ...storeOf(), ruleGroups: () => groups, targets: () => [], targetMetadata: () => [] });
  const answer = await app.inject(`/api/v1/${url}`);
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toEqual({ status: 'error', errorType: 'bad_data', error });
}); // prettier-ignore

test.each([
  ['job', 'job'],
  ['U__a_2e_b', 'a.b'],
  ['U__a__b', 'a_b'],
  ['U___1f600_', '😀'],
  ['U__a_zz_', 'U__a_zz_'],
  ['U__a_', 'U__a_'],
  ['U__a_d800_', 'U__a_d800_'],
])('the escaped name %s is %s', (escaped, name) => {
  expect(unescapeName(escaped)).toBe(name);
});

const alert = {
  labels: Labels.of({ alertname: 'Down', severity: 'page' }),
  annotations: { summary: 'down' },
  state: 'firing',
  activeAt: NOW,
  value: 0,
} as const;

const status = { health: 'ok', lastError: '', lastEvaluation: NOW, evaluationTime: 0.001 } as const;

const groups: RuleGroupStatus[] = [
  {
    group: { name: 'g1', file: 'r.yml', interval: 15_000, queryOffset: 0, limit: 0, labels: {}, rules: [] },
    lastEvaluation: NOW,
    evaluationTime: 0.002,
    rules: [
      {
        rule: { kind: 'recording', record: 'job:up', expr: 'sum by (job) (up)', labels: { x: 'y' }, line: 3 },
        ...status,
        state: 'inactive',
        alerts: [],
      },
      {
        rule: {
          kind: 'alerting', alert: 'Down', expr: 'up == 0', for: 60_000, keepFiringFor: 0,
          labels: { severity: 'page' }, annotations: { summary: 'down' }, line: 5,
        },
        ...status,
        state: 'firing',
        alerts: [alert],
      },
    ],
  },
  {
    group: { name: 'g2', file: 'r.yml', interval: 15_000, queryOffset: 0, limit: 0, labels: {}, rules: [] },
    lastEvaluation: 0,
    evaluationTime: 0,
    rules: [
      {
        rule: { kind: 'alerting', alert: 'Never', expr: '0 > 1', for: 0, keepFiringFor: 0, labels: {}, annotations: {}, line: 9 },
        health: 'err', lastError: 'no such thing', lastEvaluation: 0, evaluationTime: 0, state: 'inactive', alerts: [],
      },
    ],
  },
]; // prettier-ignore

test('rules are shown as the parser prints them', async () => {
  const app = await testApi({ ruleGroups: () => groups, language });
  const { data } = (await app.inject('/api/v1/rules?rule_name[]=Down')).json();
  expect(data.groups[0].rules[0].query).toBe('printed up == 0');
});

test('rules have the shape of Prometheus', async () => {
  const app = await testApi({ ruleGroups: () => groups });
  expect((await app.inject('/api/v1/rules')).json().data.groups).toEqual([
    {
      name: 'g1',
      file: 'r.yml',
      interval: 15,
      limit: 0,
      evaluationTime: 0.002,
      lastEvaluation: '2026-01-02T03:04:05.000Z',
      rules: [
        {
          name: 'job:up',
          query: 'sum by (job) (up)',
          labels: { x: 'y' },
          health: 'ok',
          evaluationTime: 0.001,
          lastEvaluation: '2026-01-02T03:04:05.000Z',
          type: 'recording',
        },
        {
          state: 'firing',
          name: 'Down',
          query: 'up == 0',
          duration: 60,
          keepFiringFor: 0,
          labels: { severity: 'page' },
          annotations: { summary: 'down' },
          alerts: [
            {
              labels: { alertname: 'Down', severity: 'page' },
              annotations: { summary: 'down' },
              state: 'firing',
              activeAt: '2026-01-02T03:04:05.000Z',
              value: '0e+00',
            },
          ],
          health: 'ok',
          evaluationTime: 0.001,
          lastEvaluation: '2026-01-02T03:04:05.000Z',
          type: 'alerting',
        },
      ],
    },
    {
      name: 'g2',
      file: 'r.yml',
      interval: 15,
      limit: 0,
      evaluationTime: 0,
      lastEvaluation: '0001-01-01T00:00:00Z',
      rules: [expect.objectContaining({ name: 'Never', health: 'err', lastError: 'no such thing' })],
    },
  ]);
});

test.each([
  ['type=alert', ['Down', 'Never']],
  ['type=record', ['job:up']],
  ['rule_name[]=Down&rule_name[]=job:up', ['job:up', 'Down']],
  ['rule_group[]=g2', ['Never']],
  ['file[]=other.yml', []],
  ['match[]={severity="page"}', ['Down']],
  ['match[]={severity="page"}&match[]={x="y"}', ['job:up', 'Down']],
])('rules?%s', async (query, names) => {
  const app = await testApi({ ruleGroups: () => groups, language });
  const { data } = (await app.inject(`/api/v1/rules?${query}`)).json();
  expect(data.groups.flatMap(({ rules }: { rules: { name: string }[] }) => rules.map(({ name }) => name))).toEqual(names);
}); // prettier-ignore

test('rules can be had without their alerts, and page by page', async () => {
  const app = await testApi({ ruleGroups: () => groups });
  const bare = (await app.inject('/api/v1/rules?exclude_alerts=true')).json();
  expect(bare.data.groups[0].rules[1].alerts).toBeNull();

  const first = (await app.inject('/api/v1/rules?group_limit=1')).json().data;
  expect(first.groups.map(({ name }: { name: string }) => name)).toEqual(['g1']);
  const second = (await app.inject(`/api/v1/rules?group_limit=1&group_next_token=${first.groupNextToken}`)).json().data;
  expect(second.groups.map(({ name }: { name: string }) => name)).toEqual(['g2']);
  expect(second).not.toHaveProperty('groupNextToken');
});

test('alerts are those of all rules', async () => {
  const app = await testApi({ ruleGroups: () => groups });
  expect((await app.inject('/api/v1/alerts')).json().data.alerts).toHaveLength(1);
});

const target: TargetStatus = {
  scrapePool: 'node',
  scrapeUrl: 'http://h:9100/metrics',
  discoveredLabels: Labels.of({ __address__: 'h:9100' }),
  labels: Labels.of({ job: 'node', instance: 'h:9100' }),
  health: 'down',
  lastError: 'connection refused',
  lastScrape: NOW,
  lastScrapeDuration: 0.25,
  scrapeInterval: 15_000,
  scrapeTimeout: 10_000,
};

const dropped = { scrapePool: 'old', discoveredLabels: Labels.of({ __address__: 'o:1' }), reason: 'dropped by step 1' };

test('targets have the shape of Prometheus, and the reason of a drop beside it', async () => {
  const app = await testApi({ targets: () => [target], droppedTargets: () => [dropped] });
  expect((await app.inject('/api/v1/targets')).json().data).toEqual({
    activeTargets: [
      {
        discoveredLabels: { __address__: 'h:9100' },
        labels: { instance: 'h:9100', job: 'node' },
        scrapePool: 'node',
        scrapeUrl: 'http://h:9100/metrics',
        globalUrl: 'http://h:9100/metrics',
        lastError: 'connection refused',
        lastScrape: '2026-01-02T03:04:05.000Z',
        lastScrapeDuration: 0.25,
        health: 'down',
        scrapeInterval: '15s',
        scrapeTimeout: '10s',
      },
    ],
    droppedTargets: [{ discoveredLabels: { __address__: 'o:1' }, scrapePool: 'old', reason: 'dropped by step 1' }],
    droppedTargetCounts: { node: 0, old: 1 },
  });
});

test.each([
  ['state=active', 1, 0],
  ['state=dropped', 0, 1],
  ['state=any', 1, 1],
  ['state=what', 0, 0],
  ['scrapePool=old', 0, 1],
])('targets?%s', async (query, active, droppedCount) => {
  const app = await testApi({ targets: () => [target], droppedTargets: () => [dropped] });
  const { data } = (await app.inject(`/api/v1/targets?${query}`)).json();
  expect([data.activeTargets.length, data.droppedTargets.length]).toEqual([active, droppedCount]);
});

test('metadata can be asked by target', async () => {
  const entry = { metric: 'up', type: 'gauge', unit: '', help: 'Whether' } as const;
  const app = await testApi({ language, targets: () => [target], targetMetadata: () => [entry] });
  const labels = { instance: 'h:9100', job: 'node' };
  const ask = async (query: string) => (await app.inject(`/api/v1/targets/metadata?${query}`)).json().data;
  expect(await ask('')).toEqual([{ target: labels, metric: 'up', type: 'gauge', unit: '', help: 'Whether' }]);
  expect(await ask('metric=up')).toEqual([{ target: labels, type: 'gauge', unit: '', help: 'Whether' }]);
  expect(await ask('match_target={job="other"}')).toEqual([]);
});

test('Grafana takes the server for Prometheus: the build information names no features', async () => {
  const app = await testApi();
  const { data } = (await app.inject('/api/v1/status/buildinfo')).json();
  expect(data.version).toMatch(/^3\./);
  expect(data).not.toHaveProperty('features');
});

test('the admin endpoints are off until they are switched on', async () => {
  const deleted: SeriesRequest[] = [];
  const admin = {
    deleteSeries: async (request: SeriesRequest) => void deleted.push(request),
    snapshot: async () => '20260102',
    cleanTombstones: async () => {},
  };
  const url = '/api/v1/admin/tsdb/delete_series?match[]=up';
  const off = await testApi({ admin, language });
  expect((await off.inject({ method: 'POST', url })).json()).toEqual({
    status: 'error',
    errorType: 'unavailable',
    error: 'admin APIs disabled',
  });
  const on = await testApi({ admin, language }, { admin_api: true });
  expect((await on.inject({ method: 'POST', url })).statusCode).toBe(204);
  expect(deleted).toHaveLength(1);
  expect((await on.inject({ method: 'POST', url: '/api/v1/admin/tsdb/snapshot' })).json().data).toEqual({ name: '20260102' });
}); // prettier-ignore

test('federation gives the newest sample of each series, without those that ended', async () => {
  const stale = new Float64Array(new Uint32Array([2, 0x7ff00000]).buffer);
  const columns = (labels: Record<string, string>, values: Float64Array) => ({
    labels: Labels.of(labels),
    timestamps: Float64Array.from(values, (_, i) => NOW - 1000 + i),
    values,
  });
  const app = await testApi({
    language,
    select: async () => [
      columns({ __name__: 'up', job: 'b"\n' }, Float64Array.of(0, 1)),
      columns({ __name__: 'up', job: 'a', instance: 'i' }, Float64Array.of(0.5)),
      columns({ __name__: 'up', job: 'gone' }, stale),
    ],
  });
  const answer = await app.inject('/federate?match[]=up&match[]=up');
  expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(answer.body.split('\n')).toEqual([
    '# TYPE up untyped',
    `up{instance="i",job="a"} 0.5 ${NOW - 1000}`,
    `up{job="b\\"\\n",instance=""} 1 ${NOW - 999}`,
    '',
  ]);
});
