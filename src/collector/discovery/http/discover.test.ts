import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ManualClock } from '../../../lib/time/clock.ts';
import type { Discoverer, TargetGroup } from '../kind.ts';
import { httpSdSchema } from './config.ts';
import { discoverHttp } from './discover.ts';

let answer: { status: number; type: string; body: string | Buffer };
let requests: http.IncomingMessage[];
let server: http.Server;
let url: string;
let discoverer: Discoverer | undefined;
let clock: ManualClock;
let emitted: TargetGroup[];
let faults: readonly string[];

beforeEach(async () => {
  requests = [];
  emitted = [];
  faults = [];
  clock = new ManualClock(1_800_000_000_000);
  server = http.createServer((request, response) => {
    requests.push(request);
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sd`;
});
afterEach(async () => {
  await discoverer?.stop();
  server.closeAllConnections();
  server.close();
});

const json = (groups: unknown) => ({ status: 200, type: 'application/json', body: JSON.stringify(groups) });

async function start(settings: object = {}): Promise<Discoverer> {
  discoverer = discoverHttp(httpSdSchema.parse({ url, ...settings }), {
    clock,
    emit: (groups) => emitted.push(...groups),
    fault: (messages) => (faults = messages),
  });
  await discoverer.start();
  return discoverer;
}

test('groups come with the URL as a label; one that is no longer listed is emptied', async () => {
  answer = json([{ targets: ['a:1', 'b:1'], labels: { zone: 'x' } }, { targets: ['c:1'] }]);
  await start({ bearer_token: 't', refresh_interval: '30s' });
  expect(emitted).toEqual([
    {
      source: `${url}:0`,
      targets: [{ __address__: 'a:1' }, { __address__: 'b:1' }],
      labels: { zone: 'x', __meta_url: url },
    },
    { source: `${url}:1`, targets: [{ __address__: 'c:1' }], labels: { __meta_url: url } },
  ]);
  expect(requests[0].headers).toMatchObject({
    accept: 'application/json',
    authorization: 'Bearer t',
    'x-prometheus-refresh-interval-seconds': '30',
  });
  answer = json([{ targets: ['a:1'] }]);
  emitted = [];
  await vi.waitFor(async () => {
    await clock.advance(30_000);
    expect(emitted.length).toBeGreaterThan(0);
  });
  expect(emitted.slice(0, 2).map(({ source, targets }) => [source, targets.length])).toEqual([
    [`${url}:0`, 1],
    [`${url}:1`, 0],
  ]);
});

test.each([
  ['an error', { status: 503, type: 'application/json', body: '[]' }, 'server returned HTTP status 503'],
  [
    'another type',
    { status: 200, type: 'text/html', body: '[]' },
    'expected Content-Type application/json, not "text/html"',
  ],
  ['no JSON', { status: 200, type: 'application/json', body: '[{' }, '/sd:1'],
  ['something else', json({ targets: ['a:1'] }), 'expected array'],
  ['unknown keys', json([{ targets: ['a:1'], label: {} }]), 'label: unknown key'],
  ['no UTF-8', { status: 200, type: 'application/json', body: Buffer.from('["\xe9"]', 'latin1') }, 'not UTF-8'],
])('an endpoint that answers %s keeps the targets it had and is a fault', async (_, bad, words) => {
  answer = bad;
  await start();
  expect(emitted).toEqual([]);
  expect(faults.join()).toContain(words);
});
