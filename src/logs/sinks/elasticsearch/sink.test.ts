import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../../lib/logger.ts';
import { until } from '../../testing.ts';
import { elasticsearchSchema } from './config.ts';
import { type ElasticsearchSink, createElasticsearchSink } from './sink.ts';
import { FakeElasticsearch, type Scripted, batchOf } from './testing.ts';

let server: FakeElasticsearch;
let folder: string;
let sinks: ElasticsearchSink[];

beforeEach(async () => {
  server = await new FakeElasticsearch().start();
  folder = mkdtempSync(join(tmpdir(), 'crowsnest-es-'));
  sinks = [];
});
afterEach(async () => {
  for (const sink of sinks) await sink.stop();
  await server.stop();
  rmSync(folder, { recursive: true });
});

function createSink(settings: object = {}, logger = createLogger({ quiet: true })): ElasticsearchSink {
  const config = elasticsearchSchema.parse({
    elasticsearch: server.url,
    linger: '5ms',
    retry_min: '2ms',
    retry_max: '10ms',
    request_timeout: '500ms',
    ...settings,
  });
  const sink = createElasticsearchSink(config, logger, folder);
  sinks.push(sink);
  return sink;
}

const MESSAGES = ['one', 'two', 'three', 'four'];

describe('documents', () => {
  test('are ECS, with place and content of the record as identity', async () => {
    const fields = { 'host.name': 'h', 'kubernetes.namespace': 'shop', 'kubernetes.pod.name': 'cart-1' };
    await createSink().ship(batchOf(['hello'], fields, 'abc'));
    expect(server.stored()).toEqual([
      {
        stream: 'logs-crowsnest-default',
        id: expect.stringMatching(/^abc-[A-Za-z0-9_-]{11}$/),
        document: {
          '@timestamp': '2026-11-21T12:14:31.005678900Z',
          message: 'hello',
          stream: 'stdout',
          log: { offset: 6, file: { path: '/a.log' } },
          host: { name: 'h' },
          kubernetes: { namespace: 'shop', pod: { name: 'cart-1' } },
        },
      },
    ]);
  });

  test.each([
    ['plain', 'no escape at all'],
    ['quotes and backslashes', '{"a":"b\\n"}'],
    ['every control character', Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)).join('')],
    ['other scripts', 'žluťoučký 猫 🐈 \u2028 \u007f'],
    ['nothing', ''],
    ['a long one', 'x"'.repeat(200_000)],
  ])('a message comes back as it was: %s', async (_, message) => {
    await createSink().ship(batchOf([message, 'after']));
    expect(server.stored().map(({ document }) => document.message)).toEqual([message, 'after']);
  });

  test('marks stand in log.flags, and large offsets keep all their digits', async () => {
    const batch = {
      ...batchOf(['x']),
      flags: new Map([[0, ['truncated']]]),
      offsets: Float64Array.of(9_007_199_254_740_991),
    };
    await createSink().ship(batch);
    expect(server.stored()[0].document.log).toMatchObject({ offset: 9_007_199_254_740_991, flags: ['truncated'] });
  });

  test('the data stream is named after settings and fields', async () => {
    const sink = createSink({ data_stream: 'logs-{kubernetes.namespace}-{namespace}', namespace: 'prod' });
    await sink.ship(batchOf(['x'], { 'kubernetes.namespace': 'Shop-Front' }));
    await sink.ship(batchOf(['x']));
    expect(server.stored().map(({ stream }) => stream)).toEqual(['logs-shop_front-prod', 'logs-crowsnest-prod']);
  });
});

describe('requests', () => {
  test('batches of several files share one, and ask for no more of the answer than is needed', async () => {
    const sink = createSink({ linger: '20ms' });
    await Promise.all([sink.ship(batchOf(['a'])), sink.ship(batchOf(['b'])), sink.ship(batchOf(['c']))]);
    expect(server.requests.map(({ items }) => items.length)).toEqual([3]);
    expect(server.requests[0].url).toBe('/_bulk?filter_path=took,errors,items.*.status,items.*.error');
    expect(server.requests[0].headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'content-length': String(server.requests[0].bytes),
    });
  });

  test('stay near max_body and lose nothing in between', async () => {
    const sink = createSink({ max_body: '10KB', concurrency: 2 });
    const messages = Array.from({ length: 1000 }, (_, i) => `message ${i}`);
    expect(await sink.ship(batchOf(messages))).toEqual({ stored: 1000, duplicates: 0, refused: {} });
    expect(Math.max(...server.requests.map(({ bytes }) => bytes))).toBeLessThan(11 * 1024);
    expect(new Set(server.stored().map(({ document }) => document.message)).size).toBe(1000);
  });

  test('carry the API key of a file and gzip where that is asked for', async () => {
    writeFileSync(join(folder, 'key'), 'c2VjcmV0\n');
    await createSink({ api_key_file: join(folder, 'key'), compression_level: 1 }).ship(batchOf(['x']));
    expect(server.requests[0].headers).toMatchObject({ authorization: 'ApiKey c2VjcmV0', 'content-encoding': 'gzip' });
    expect(server.stored()).toHaveLength(1);
  });

  test('go to the next host when one does not answer', async () => {
    const sink = createSink({ elasticsearch: ['http://127.0.0.1:1', server.url] });
    expect(await sink.ship(batchOf(['x']))).toMatchObject({ stored: 1 });
  });
});

const block = (status: number, type: string) => ({
  item: (_: unknown, i: number) => (i % 2 === 1 ? { status, type } : undefined),
});

describe('what the server answers', () => {
  test.each<[string, Scripted[], { stored: number; duplicates: number; refused: object }, number]>([
    ['all is well', [], { stored: 4, duplicates: 0, refused: {} }, 1],
    [
      '429 for some items',
      [block(429, 'es_rejected_execution_exception')],
      { stored: 4, duplicates: 0, refused: {} },
      2,
    ],
    ['503 for some items', [block(503, 'unavailable_shards_exception')], { stored: 4, duplicates: 0, refused: {} }, 2],
    [
      'a write block for some items',
      [block(403, 'cluster_block_exception')],
      { stored: 4, duplicates: 0, refused: {} },
      2,
    ],
    [
      '400 for some items',
      [block(400, 'document_parsing_exception')],
      { stored: 2, duplicates: 0, refused: { document_parsing_exception: 2 } },
      1,
    ],
    ...(
      [
        ['403: no right on the index', 403, 'security_exception'],
        ['404: no such index', 404, 'index_not_found_exception'],
        ['400: too many shards', 400, 'validation_exception'],
        ['400: a closed index', 400, 'index_closed_exception'],
      ] as const
    ).map(
      ([name, status, type]): [string, Scripted[], { stored: number; duplicates: number; refused: object }, number] => [
        `a fault of the cluster is waited for: ${name}`,
        [block(status, type), block(status, type)],
        { stored: 4, duplicates: 0, refused: {} },
        3,
      ],
    ),
    ['429 for the request, twice', [{ status: 429 }, { status: 429 }], { stored: 4, duplicates: 0, refused: {} }, 3],
    ['401 for the request', [{ status: 401 }], { stored: 4, duplicates: 0, refused: {} }, 2],
    ['503 for the request', [{ status: 503, body: '<html>' }], { stored: 4, duplicates: 0, refused: {} }, 2],
    ['413 with an empty body', [{ status: 413 }], { stored: 4, duplicates: 0, refused: {} }, 3],
    [
      '413 down to one item',
      [{ status: 413 }, { status: 413 }, { status: 413 }],
      { stored: 3, duplicates: 0, refused: { too_large: 1 } },
      5,
    ],
    [
      '400 as one item poisons the request',
      [{ status: 400, body: '{"error":{"type":"action_request_validation_exception"}}' }],
      { stored: 4, duplicates: 0, refused: {} },
      3,
    ],
    ['the connection is cut before', [{ silence: 'cut' }], { stored: 4, duplicates: 0, refused: {} }, 2],
    [
      'the connection is cut after storing',
      [{ silence: 'cut after storing' }],
      { stored: 4, duplicates: 0, refused: {} },
      1,
    ],
    ['no answer after storing', [{ silence: 'hang after storing' }], { stored: 4, duplicates: 0, refused: {} }, 1],
    ['an answer that is none', [{ status: 200, body: 'ok' }], { stored: 4, duplicates: 0, refused: {} }, 2],
  ])('%s', async (_, script, outcome, requests) => {
    // prettier-ignore
    server.script = script;
    expect(await createSink().ship(batchOf(MESSAGES))).toEqual(outcome);
    expect(server.requests).toHaveLength(requests);
    expect(server.stored()).toHaveLength(outcome.stored + outcome.duplicates);
  });

  test('records that are there from before the start count as duplicates', async () => {
    await createSink().ship(batchOf(MESSAGES, {}, 'same'));
    expect(await createSink().ship(batchOf([...MESSAGES, 'five'], {}, 'same'))).toMatchObject({
      stored: 1,
      duplicates: 4,
    });
  });

  test('a record that is refused for good is kept with the reason, what was sent, and nothing else', async () => {
    server.script = [block(400, 'document_parsing_exception')];
    await createSink().ship(batchOf(MESSAGES));
    const letters = readFileSync(join(folder, 'logs/dead-letters.ndjson'), 'utf8').trim().split('\n');
    expect(letters).toHaveLength(2);
    expect(JSON.parse(letters[0])).toMatchObject({
      refused: { status: 400, reason: 'document_parsing_exception', text: 'because of document_parsing_exception' },
      action: { create: { _index: 'logs-crowsnest-default' } },
      document: { message: 'two' },
    });
  });

  test('a request that one item poisoned does not make later ones smaller, and what was too large once grows again', async () => {
    const sink = createSink({ max_body: '128KB', concurrency: 1 });
    const full = batchOf(Array.from({ length: 600 }, (_, i) => `${'x'.repeat(400)} ${i}`));
    await sink.ship(full);
    const usual = server.requests.length;
    for (let i = 0; i < 3; i++) {
      server.script = [{ status: 400, body: '{"error":{"type":"x_content_parse_exception"}}' }];
      await sink.ship({ ...full, source: { ...full.source, id: `poisoned-${i}` } });
    }
    server.requests.length = 0;
    await sink.ship({ ...full, source: { ...full.source, id: 'after' } });
    expect(server.requests.length).toBe(usual);

    server.script = [{ status: 413 }];
    await sink.ship({ ...full, source: { ...full.source, id: 'large' } });
    for (let i = 0; i < 12; i++) await sink.ship({ ...full, source: { ...full.source, id: `grows-${i}` } });
    server.requests.length = 0;
    await sink.ship({ ...full, source: { ...full.source, id: 'grown' } });
    expect(server.requests.length).toBe(usual);
  });

  test('an outage is logged once for each reason and once at its end, however the reasons take turns', async () => {
    const lines: string[] = [];
    const logger = createLogger({ to: [{ write: (line) => void lines.push(line) }] });
    const refusal = { item: () => ({ status: 403, type: 'security_exception' }) };
    server.script = Array.from({ length: 10 }, (_, i) => [{ status: 429 }, { status: 403 }, refusal][i % 3]);
    await createSink({}, logger).ship(batchOf(MESSAGES));
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      ...Array.from({ length: 3 }, () => 'Elasticsearch did not take logs, sending them again'),
      'Elasticsearch takes logs again',
    ]);
  });

  test('the dead-letter file is put aside at its bound', async () => {
    const sink = createSink({ dead_letter_max_size: 600 });
    for (let i = 0; i < 4; i++) {
      server.script = [block(400, 'document_parsing_exception')];
      await sink.ship(batchOf(['x', `message ${i}`]));
    }
    const read = (name: string) => readFileSync(join(folder, 'logs', name), 'utf8');
    expect(read('dead-letters.ndjson').length).toBeLessThan(1000);
    expect(read('dead-letters.ndjson')).toContain('message 3');
    expect(read('dead-letters.ndjson.1')).toContain('message');
  });
});

describe('a stream that rolls over', () => {
  test.each([
    ['cut after storing', 'cut after storing'],
    ['no answer after storing', 'hang after storing'],
  ] as const)('%s, then a rollover: no record is stored twice', async (_, silence) => {
    const sink = createSink();
    await sink.ship(batchOf(['before']));
    server.script = [{ silence }];
    const shipped = sink.ship(batchOf(MESSAGES));
    await until('the first try', () => server.requests.length === 2);
    server.rollover('logs-crowsnest-default');
    expect(await shipped).toMatchObject({ refused: {} });
    await sink.ship(batchOf(['after']));
    const messages = server.stored().map(({ document }) => document.message);
    expect(messages).toEqual(['before', ...MESSAGES, 'after']);
  });

  test('what the first try did not store goes to the new generation', async () => {
    const sink = createSink();
    await sink.ship(batchOf(['before']));
    server.script = [{ silence: 'cut' }];
    const shipped = sink.ship(batchOf(MESSAGES));
    await until('the first try', () => server.requests.length === 2);
    server.rollover('logs-crowsnest-default');
    await shipped;
    expect(server.stored().map(({ document }) => document.message)).toEqual(['before', ...MESSAGES]);
  });
});

describe('stopping', () => {
  test('rejects what has no answer, so that it is offered again', async () => {
    server.script = Array.from({ length: 1000 }, () => ({ status: 429 }));
    const sink = createSink();
    const abort = new AbortController();
    const shipped = sink.ship(batchOf(MESSAGES), abort.signal);
    await until('a few tries', () => server.requests.length > 2);
    abort.abort(new Error('stopped'));
    await expect(shipped).rejects.toThrow('stopped');
    server.script = [];
  });
});
