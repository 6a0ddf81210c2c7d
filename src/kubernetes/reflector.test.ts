import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../lib/time/clock.ts';
import { createLogger } from '../lib/logger.ts';
import type { KubeObject, ObjectWatch, WatchOptions } from '../model/kubernetes.ts';
import { directAccess } from './access.ts';
import { connectKubernetes } from './connect.ts';

/** An API server that does, request by request, what the test says. */
type Answer = (response: http.ServerResponse, query: URLSearchParams) => void;

let server: http.Server;
let url: string;
let answers: Answer[];
/** The queries of lists and watches, in order. */
let asked: URLSearchParams[];
let lines: string[];
let watch: ObjectWatch | undefined;
let minor: string;
/** The objects as the handler knows them, by name, and how often all were replaced. */
let known: Map<string, KubeObject>;
let replaced: number;
let calls: string[];

beforeEach(async () => {
  [answers, asked, lines, calls, replaced, minor] = [[], [], [], [], 0, '30'];
  known = new Map();
  server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    if (pathname === '/version') return void response.end(JSON.stringify({ major: '1', minor }));
    asked.push(searchParams);
    const answer = answers.shift();
    if (answer === undefined) hang(response, searchParams);
    else answer(response, searchParams);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await watch?.stop();
  server.closeAllConnections();
  server.close();
});

const FAST = { silence: 30_000, retryMin: 2, retryMax: 20, watchSeconds: 60 };

function start(options: WatchOptions = {}, timing: object = {}, plural = 'pods'): ObjectWatch {
  const logger = createLogger({ to: [{ write: (line) => void lines.push(line) }] });
  const connection = connectKubernetes({
    access: directAccess(url, {}),
    logger,
    clock: systemClock,
    timing: { ...FAST, ...timing },
  });
  const handler = {
    replace(objects: readonly KubeObject[]) {
      replaced++;
      known = new Map(objects.map((object) => [object.metadata.name, object]));
      calls.push(`replace ${objects.map(({ metadata }) => metadata.name).join(',')}`);
    },
    upsert(object: KubeObject) {
      known.set(object.metadata.name, object);
      calls.push(`upsert ${object.metadata.name}`);
    },
    remove(object: KubeObject) {
      known.delete(object.metadata.name);
      calls.push(`remove ${object.metadata.name}`);
    },
  };
  const resource = { group: '', version: 'v1', plural, namespaced: true };
  watch = connection.watch(resource, handler, options);
  void watch.start();
  return watch;
}

function pod(name: string, version: string, more: object = {}) {
  return {
    metadata: { name, namespace: 'd', uid: `uid-${name}`, resourceVersion: version, managedFields: [{ manager: 'm' }] },
    ...more,
  };
}

const json =
  (status: number, body: object): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const list = (version: string, items: object[], more = '') =>
  json(200, { kind: 'PodList', metadata: { resourceVersion: version, ...(more !== '' && { continue: more }) }, items });
const failure = (code: number, message = 'no') => json(code, { kind: 'Status', code, message });
/** Sends events and, unless it `ends`, leaves the watch open. */
const watched =
  (events: readonly object[], { ends = false } = {}): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const event of events) response.write(`${JSON.stringify(event)}\n`);
    if (ends) response.end();
  };
const hang: Answer = (response) => {
  response.writeHead(200);
  response.flushHeaders();
};
const added = (name: string, version: string) => ({ type: 'ADDED', object: pod(name, version) });
const bookmark = (version: string, annotations?: object) => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: version, annotations } },
});
const END = { 'k8s.io/initial-events-end': 'true' };
const EVENTUALLY = { timeout: 20_000 };

describe('a watch', () => {
  test('lists page by page, then takes changes over, and goes on from the last version when it ended', async () => {
    answers = [
      list('10', [pod('a', '1')], 'token'),
      list('10', [pod('b', '2')]),
      watched([added('c', '11'), { type: 'DELETED', object: pod('a', '12') }, bookmark('20')], { ends: true }),
      watched([{ type: 'MODIFIED', object: pod('b', '21', { spec: 1 }) }]),
    ];
    start({ labelSelector: 'app=x', fieldSelector: 'spec.nodeName=n' });
    await vi.waitFor(() => expect(known.get('b')).toMatchObject({ spec: 1 }), EVENTUALLY);
    expect(calls).toEqual(['replace a,b', 'upsert c', 'remove a', 'upsert b']);
    expect(asked.map((query) => query.get('labelSelector'))).toEqual(Array(4).fill('app=x'));
    expect(asked.map((query) => query.get('fieldSelector'))).toEqual(Array(4).fill('spec.nodeName=n'));
    expect(asked[1].get('continue')).toBe('token');
    expect(asked[2].get('allowWatchBookmarks')).toBe('true');
    expect(asked.map((query) => query.get('resourceVersion'))).toEqual([null, null, '10', '20']);
  });

  test('reads the list as a stream where the server can, and watches on the same connection', async () => {
    minor = '36+';
    answers = [watched([added('a', '1'), added('b', '2'), bookmark('9', END), added('c', '10')])];
    start();
    await vi.waitFor(() => expect([...known.keys()]).toEqual(['a', 'b', 'c']), EVENTUALLY);
    expect(calls).toEqual(['replace a,b', 'upsert c']);
    expect(asked).toHaveLength(1);
    expect(asked[0].get('sendInitialEvents')).toBe('true');
  });

  test('hands nothing over of a streamed list that breaks off', async () => {
    minor = '36';
    answers = [watched([added('old', '1')], { ends: true }), watched([added('a', '3'), bookmark('9', END)])];
    start();
    await vi.waitFor(() => expect(calls).toEqual(['replace a']), EVENTUALLY);
  });

  test.each([
    ['refuses', failure(422, 'sendInitialEvents: Forbidden'), {}],
    ['ignores', watched([added('a', '1')]), { silence: 100 }],
  ])('reads pages where a server %s the wish for a stream', async (_, answer, timing) => {
    minor = '36';
    answers = [answer, list('5', [pod('a', '1')])];
    start({}, timing);
    await vi.waitFor(() => expect(calls).toEqual(['replace a']), EVENTUALLY);
  });

  test('lists anew when its version is too old, as an event and as an answer', async () => {
    answers = [
      list('10', [pod('a', '1')]),
      watched([{ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } }]),
      list('50', [pod('b', '2')]),
      failure(410),
      list('60', [pod('c', '3')]),
    ];
    start();
    await vi.waitFor(() => expect([...known.keys()]).toEqual(['c']), EVENTUALLY);
    expect(calls).toEqual(['replace a', 'replace b', 'replace c']);
    // Nothing is wrong with that.
    expect(lines).toEqual([]);
  });

  test('begins a list again when a page of it is too old, with larger pages', async () => {
    answers = [list('10', [pod('a', '1')], 'token'), failure(410), list('20', [pod('b', '2')])];
    start();
    await vi.waitFor(() => expect(calls).toEqual(['replace b']), EVENTUALLY);
    expect(asked.slice(0, 3).map((query) => [query.get('limit'), query.get('continue')])).toEqual([
      ['500', null],
      ['500', 'token'],
      ['2000', null],
    ]);
  });

  test('asks for smaller pages where one is too long', async () => {
    answers = [list('10', [pod('huge', '1', { data: 'x'.repeat(17 * 1024 * 1024) })]), list('11', [pod('a', '1')])];
    start();
    await vi.waitFor(() => expect(calls).toEqual(['replace a']), EVENTUALLY);
    expect(asked.slice(0, 2).map((query) => query.get('limit'))).toEqual(['500', '100']);
  });

  test('notices a connection on which nothing comes any more, and goes on from its version', async () => {
    answers = [list('10', []), hang, watched([added('a', '11')])];
    start({}, { silence: 100 });
    await vi.waitFor(() => expect([...known.keys()]).toEqual(['a']), EVENTUALLY);
    expect(asked[2].get('resourceVersion')).toBe('10');
    expect(replaced).toBe(1);
  });

  test('survives an answer that is cut off within an event, without loss', async () => {
    answers = [
      list('10', []),
      (response) => {
        response.writeHead(200);
        response.write(`${JSON.stringify(added('a', '11'))}\n{"type":"ADD`);
        setTimeout(() => response.destroy(), 20);
      },
      watched([added('b', '12')]),
    ];
    start();
    await vi.waitFor(() => expect([...known.keys()]).toEqual(['a', 'b']), EVENTUALLY);
    expect(asked[2].get('resourceVersion')).toBe('11');
  });

  test.each([
    ['no JSON', '<html>\n'],
    ['an object without a name', `${JSON.stringify({ type: 'ADDED', object: { metadata: {} } })}\n`],
    ['an unknown type', `${JSON.stringify({ type: 'RENAMED', object: pod('x', '11') })}\n`],
  ])('lists anew after an event that cannot be used: %s', async (_, line) => {
    answers = [list('10', []), (response) => void response.end(line), list('12', [pod('a', '12')])];
    start();
    await vi.waitFor(() => expect(calls).toEqual(['replace ', 'replace a']), EVENTUALLY);
  });

  test('says once that it may not read, keeps what it knew, and goes on when it may', async () => {
    const forbidden = failure(403, 'pods is forbidden: User "agent" cannot list');
    answers = [list('10', [pod('a', '1')]), watched([], { ends: true }), ...Array<Answer>(100_000).fill(forbidden)];
    const running = start();
    await vi.waitFor(() => expect(running.status().state).toBe('denied'), EVENTUALLY);
    expect(running.status().error).toContain('cannot list');
    expect([...known.keys()]).toEqual(['a']);
    answers = [];
    await vi.waitFor(() => expect(running.status().state).toBe('watching'), EVENTUALLY);
    expect(lines.filter((line) => line.includes('may not be read'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('watched again'))).toHaveLength(1);
  });

  test('has no objects of a resource that is not served, until it is', async () => {
    answers = [failure(404), failure(404), list('3', [pod('a', '1')]), watched([], { ends: true }), failure(404)];
    const running = start();
    await vi.waitFor(() => expect(calls).toEqual(['replace ', 'replace a', 'replace ']), EVENTUALLY);
    expect(running.status()).toMatchObject({ state: 'absent', synced: true });
  });

  test('waits between tries, longer each time, however the server answers', async () => {
    // Each watch is ended at once: without a pause this would be thousands of requests.
    answers = [list('1', []), ...Array<Answer>(1000).fill(watched([], { ends: true }))];
    start({}, { retryMin: 50, retryMax: 60_000 });
    await vi.waitFor(() => expect(asked.length).toBeGreaterThanOrEqual(5), EVENTUALLY);
    expect(answers.length).toBeGreaterThan(990);
  });

  test('starts up even where no server answers', async () => {
    const running = start();
    await running.stop();
    server.closeAllConnections();
    const connection = connectKubernetes({
      access: directAccess('http://127.0.0.1:1', {}),
      logger: createLogger({ quiet: true }),
    });
    const handler = { replace() {}, upsert() {}, remove() {} };
    watch = connection.watch({ group: '', version: 'v1', plural: 'pods', namespaced: true }, handler);
    await watch.start();
    expect(watch.status()).toMatchObject({ state: 'failing', synced: false, lastEventAt: 0 });
    expect(watch.status().error).toContain('ECONNREFUSED');
  });
});

describe('of an object', () => {
  test('managed fields are not kept, yet a projection may read them', async () => {
    answers = [list('1', [pod('a', '1')]), watched([added('b', '2')])];
    start({
      project: ({ metadata }) => ({
        metadata,
        by: (metadata.managedFields as { manager: string }[])[0].manager,
      }),
    });
    await vi.waitFor(() => expect(known.size).toBe(2), EVENTUALLY);
    for (const object of known.values()) {
      expect(object.by).toBe('m');
      expect(object.metadata).not.toHaveProperty('managedFields');
    }
  });

  test('the data of a secret is not kept, nor its copy in an annotation', async () => {
    const secret = (name: string) => ({
      metadata: {
        name,
        uid: name,
        resourceVersion: '1',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":"hunter2"}', other: 'kept' },
      },
      type: 'Opaque',
      data: { p: 'hunter2' },
      stringData: { p: 'hunter2' },
    });
    answers = [list('1', [secret('a')]), watched([{ type: 'ADDED', object: secret('b') }])];
    start({}, {}, 'secrets');
    await vi.waitFor(() => expect(known.size).toBe(2), EVENTUALLY);
    expect(JSON.stringify([...known.values()])).not.toContain('hunter2');
    expect(known.get('b')).toMatchObject({ type: 'Opaque', metadata: { annotations: { other: 'kept' } } });
  });
});
