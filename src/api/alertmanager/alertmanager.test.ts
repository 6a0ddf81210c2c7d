import { describe, expect, test } from 'vitest';
import type { Alert } from '../../model/alert.ts';
import type { Alertmanager, PostedAlert, RoutedAlert } from '../../model/alertmanager.ts';
import { Labels } from '../../model/labels.ts';
import type { Silence, SilenceDraft } from '../../model/silence.ts';
import { NOW, testApi } from '../testing.ts';

const ID = 'b8985be2-d525-4777-847e-1eb7e2a339b2';
const SILENCE: Silence = {
  id: ID, matchers: [{ name: 'a', op: '!~', value: 'b|c' }], startsAt: NOW - 1000, endsAt: NOW + 1000, updatedAt: NOW - 1000, createdBy: 'me',
  comment: 'why', annotations: {},
}; // prettier-ignore

function routed(labels: Record<string, string>, muted: Partial<RoutedAlert['muted']> = {}): RoutedAlert {
  const alert: Alert = {
    labels: Labels.of(labels), annotations: { summary: 's' }, startsAt: NOW - 60_000, endsAt: NOW + 60_000, generatorURL: 'http://p/graph',
    fingerprint: '00ff', value: 1, fields: { playbook: '', owner: '', region: '', datacenter: '', affected: '' }, provenance: {},
  }; // prettier-ignore
  return {
    alert,
    updatedAt: NOW,
    receivers: ['team'],
    muted: { inhibitedBy: [], silencedBy: [], mutedBy: [], ...muted },
  };
}

function given(more: Partial<Alertmanager> = {}) {
  const posted: PostedAlert[] = [];
  const drafts: SilenceDraft[] = [];
  const alertmanager: Alertmanager = {
    alerts: () => [routed({ alertname: 'A' }), routed({ alertname: 'B' }, { silencedBy: [ID] })],
    groups: () => [{ labels: Labels.of({ alertname: 'A' }), receiver: 'team', routeLabels: { tier: '1' }, alerts: [routed({ alertname: 'A' })] }],
    post: (alerts) => { posted.push(...alerts); return []; },
    silences: () => [SILENCE],
    setSilence: async (draft) => { drafts.push(draft); return ID; },
    expireSilence: async () => {},
    receivers: () => [{ name: 'team', labels: { x: 'y' } }],
    config: () => 'route:\n  receiver: team\n',
    labelTest: (texts) => {
      const [, name, value] = /^(\w+)=(\w+)$/.exec(texts[0] ?? 'alertname=A') ?? [];
      if (name === undefined) throw new Error(`bad matcher format: ${texts[0]}`);
      return texts.length === 0 ? () => true : (labels) => labels.get(name) === value;
    },
    ...more,
  }; // prettier-ignore
  const app = testApi({ alertmanager });
  const call = async (method: 'GET' | 'POST' | 'DELETE' | 'PUT', url: string, payload?: string) => {
    const headers = { 'content-type': 'application/json' };
    const response = await (await app).inject({ method, url: `/api/v2${url}`, payload, headers });
    return {
      status: response.statusCode,
      body: response.body === '' ? undefined : (JSON.parse(response.body) as unknown),
    };
  };
  return { call, posted, drafts };
}

describe('alerts', () => {
  test('come in the form that Alertmanager gives them', async () => {
    const { call } = given();
    expect(await call('GET', '/alerts?silenced=false')).toEqual({
      status: 200,
      body: [
        {
          labels: { alertname: 'A' }, annotations: { summary: 's' }, startsAt: '2026-01-02T03:03:05.000Z', endsAt: '2026-01-02T03:05:05.000Z',
          updatedAt: '2026-01-02T03:04:05.000Z', generatorURL: 'http://p/graph', fingerprint: '00ff', receivers: [{ name: 'team' }],
          status: { state: 'active', inhibitedBy: [], silencedBy: [], mutedBy: [] },
        },
      ],
    }); // prettier-ignore
    expect(await call('GET', '/alerts?active=false')).toMatchObject({
      body: [{ labels: { alertname: 'B' }, status: { state: 'suppressed', silencedBy: [ID] } }],
    });
    expect(await call('GET', '/alerts?filter=alertname=B')).toMatchObject({ body: [{ labels: { alertname: 'B' } }] });
    expect(await call('GET', '/alerts?receiver=te')).toMatchObject({ body: [] });
    expect(await call('GET', '/alerts?receiver=te.*')).toMatchObject({ body: [{}, {}] });
  });

  test('come in groups with the labels of the route', async () => {
    expect(await given().call('GET', '/alerts/groups')).toMatchObject({
      body: [{ labels: { alertname: 'A' }, receiver: { name: 'team' }, routeLabels: { tier: '1' }, alerts: [{}] }],
    });
    expect(await given().call('GET', '/alerts/groups?active=false')).toMatchObject({ body: [] });
  });

  test('of other programs are taken, times and all', async () => {
    const { call, posted } = given();
    const alerts = [
      { labels: { alertname: 'X' } },
      { labels: { a: 'b' }, annotations: { c: 'd' }, startsAt: '2026-01-02T03:04:05.123456789+01:00', endsAt: '0001-01-01T00:00:00Z', generatorURL: 'http://x' },
    ]; // prettier-ignore
    expect(await call('POST', '/alerts', JSON.stringify(alerts))).toEqual({ status: 200, body: undefined });
    expect(posted).toEqual([
      { labels: { alertname: 'X' }, annotations: {}, startsAt: 0, endsAt: 0, generatorURL: '' },
      { labels: { a: 'b' }, annotations: { c: 'd' }, startsAt: Date.UTC(2026, 0, 2, 2, 4, 5, 123), endsAt: 0, generatorURL: 'http://x' },
    ]); // prettier-ignore
  });

  test.each<[string, string, number, string]>([
    ['no JSON', 'x', 400, 'parsing alerts body failed'],
    ['no list', '{}', 422, 'body: '],
    ['no labels', '[{}]', 422, '0.labels in body'],
    ['a label that is no text', '[{"labels":{"a":1}}]', 422, '0.labels.a in body'],
    ['a time that is none', '[{"labels":{"a":"b"},"startsAt":"yesterday"}]', 422, 'not \\"yesterday\\"'],
  ])('with %s are refused with the place of the fault', async (_what, payload, status, words) => {
    const { call, posted } = given();
    const answer = await call('POST', '/alerts', payload);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(words);
    expect(posted).toEqual([]);
  });

  test('that are refused are named in a JSON string, as clients of Alertmanager expect', async () => {
    const { call } = given({ post: () => ['at least one label pair required'] });
    expect(await call('POST', '/alerts', '[{"labels":{}}]')).toEqual({ status: 400, body: 'at least one label pair required' });
    expect(await call('GET', '/alerts?filter=x')).toEqual({ status: 400, body: 'bad matcher format: x' });
    expect(await call('GET', '/alerts?receiver=(')).toMatchObject({ status: 400 });
  }); // prettier-ignore
});

describe('silences', () => {
  const body = {
    matchers: [{ name: 'a', value: 'b', isRegex: true, isEqual: false }, { name: 'c', value: 'd', isRegex: false }],
    startsAt: '2026-01-02T03:04:05Z', endsAt: '2026-01-02T04:04:05Z', createdBy: 'me', comment: 'why',
  }; // prettier-ignore

  test('are listed with state and matchers, and found by id', async () => {
    const { call } = given();
    const shown = {
      id: ID, status: { state: 'active' }, createdBy: 'me', comment: 'why', matchers: [{ name: 'a', value: 'b|c', isRegex: true, isEqual: false }],
      startsAt: '2026-01-02T03:04:04.000Z', endsAt: '2026-01-02T03:04:06.000Z', updatedAt: '2026-01-02T03:04:04.000Z',
    }; // prettier-ignore
    expect(await call('GET', '/silences')).toEqual({ status: 200, body: [shown] });
    expect(await call('GET', `/silence/${ID}`)).toEqual({ status: 200, body: shown });
    expect(await call('GET', '/silences?creator=you')).toMatchObject({ body: [] });
    expect(await call('GET', '/silence/11111111-1111-1111-1111-111111111111')).toEqual({
      status: 404,
      body: undefined,
    });
    expect(await call('GET', '/silence/xx')).toMatchObject({ status: 422, body: { code: 422 } });
  });

  test('are set and ended', async () => {
    const { call, drafts } = given();
    expect(await call('POST', '/silences', JSON.stringify(body))).toEqual({ status: 200, body: { silenceID: ID } });
    expect(drafts).toMatchObject([
      { matchers: [{ name: 'a', op: '!~', value: 'b' }, { name: 'c', op: '=', value: 'd' }], startsAt: NOW, endsAt: NOW + 3_600_000 },
    ]); // prettier-ignore
    expect(await call('DELETE', `/silence/${ID}`)).toEqual({ status: 200, body: undefined });
  });

  test.each<[string, object, string]>([
    ['no matchers', { ...body, matchers: [] }, 'matchers in body'],
    ['no comment', { ...body, comment: undefined }, 'comment in body'],
    ['no end', { ...body, endsAt: undefined }, 'endsAt in body'],
  ])('with %s are refused', async (_what, payload, words) => {
    const { call, drafts } = given();
    const answer = await call('POST', '/silences', JSON.stringify(payload));
    expect(answer).toMatchObject({ status: 422, body: { code: 422 } });
    expect(JSON.stringify(answer.body)).toContain(words);
    expect(drafts).toEqual([]);
  });

  test.each([
    ['invalid', 400],
    ['too_many', 400],
    ['unknown', 404],
  ])('that are %s are answered with %i', async (reason, status) => {
    const fault = Object.assign(new Error('silence not found'), { name: 'SilenceError', reason });
    const { call } = given({ setSilence: () => Promise.reject(fault) });
    expect(await call('POST', '/silences', JSON.stringify(body))).toEqual({ status, body: 'silence not found' });
  });

  test('that the disk refuses are an error of the server', async () => {
    const { call } = given({ setSilence: () => Promise.reject(new Error('ENOSPC')) });
    expect(await call('POST', '/silences', JSON.stringify(body))).toMatchObject({ status: 500 });
  });
});

test('status names version, configuration and cluster; receivers have their labels', async () => {
  const { call } = given();
  expect(await call('GET', '/status')).toMatchObject({
    body: { cluster: { status: 'disabled' }, config: { original: 'route:\n  receiver: team\n' }, versionInfo: { branch: 'crowsnest' } },
  }); // prettier-ignore
  expect(await call('GET', '/receivers')).toMatchObject({ body: [{ name: 'team', labels: { name: 'team', x: 'y' } }] });
  expect(await call('PUT', '/alerts')).toMatchObject({ status: 405 });
});

test('a server without alerting has none of it', async () => {
  const response = await (await testApi()).inject({ url: '/api/v2/alerts' });
  expect(response.statusCode).toBe(501);
});
