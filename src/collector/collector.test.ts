import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ManualClock } from '../lib/time/clock.ts';
import { createLogger } from '../lib/logger.ts';
import { type Labels } from '../model/labels.ts';
import { isStale, type MetricMetadata, type SampleBatch, wordsOf, type WriteOutcome } from '../model/sample.ts';
import { type Collector, createCollector } from './collector.ts';
import { type CollectorConfig, collectSchema } from './config.ts';

const INTERVAL = 10_000;
const START = 1_800_000_000_000;

interface Written {
  readonly labels: Labels;
  readonly value: number;
  readonly stale: boolean;
  readonly time: number;
}

/** A target that answers as it is told. */
class Target {
  handler: http.RequestListener = (_, response) => response.end();
  readonly requests: http.IncomingMessage[] = [];
  readonly #server = http.createServer((request, response) => {
    this.requests.push(request);
    this.handler(request, response);
  });

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  page(
    body: string | Buffer,
    headers: http.OutgoingHttpHeaders = { 'content-type': 'text/plain' },
    status = 200,
  ): void {
    this.handler = (_, response) => response.writeHead(status, headers).end(body);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

let target: Target;
let clock: ManualClock;
let collector: Collector | undefined;
let written: Written[];
let batches: SampleBatch[];
let metadata: MetricMetadata[];

beforeEach(async () => {
  target = new Target();
  await target.start();
  clock = new ManualClock(START);
  written = [];
  batches = [];
  metadata = [];
});
afterEach(async () => {
  await collector?.stop();
  collector = undefined;
  await target.stop();
});

function take(batch: SampleBatch): Promise<WriteOutcome> {
  batches.push(batch);
  const words = wordsOf(batch.values);
  batch.layout.series.forEach(({ labels }, i) =>
    written.push({ labels, value: batch.values[i], stale: isStale(words, i), time: batch.timestamps[i] }),
  );
  return Promise.resolve({ accepted: batch.values.length, refused: {} });
}

async function collect(job: object, section: object = {}, selfPage?: () => Promise<string>): Promise<Collector> {
  const config = configOf(job, section);
  collector = createCollector({
    config,
    identity: { cluster: 'c' },
    hostname: 'host',
    write: take,
    writeMetadata: (news) => metadata.push(...news),
    selfPage,
    clock,
    logger: createLogger({ quiet: true }),
  });
  await collector.start();
  return collector;
}

function configOf(job: object, section: object = {}) {
  const scrape = { job_name: 'j', static_configs: [{ targets: [target.address] }], ...job };
  return collectSchema.parse({
    scrape_interval: '10s',
    node: { enabled: false },
    scrape_configs: [scrape],
    ...section,
  });
}

async function reload(config: CollectorConfig): Promise<void> {
  const change = await collector?.prepare(config);
  change?.commit();
  await clock.advance(0);
}

/** Lets every target have its turn once and waits for its figures. */
async function scrapeOnce(): Promise<Map<string, Written>> {
  written = [];
  await clock.advance(INTERVAL);
  await vi.waitFor(() => expect(written.some(({ labels }) => labels.get('__name__') === 'up')).toBe(true), 20_000);
  await clock.advance(0);
  return new Map(written.map((sample) => [sample.labels.get('__name__'), sample]));
}

describe('a scrape', () => {
  test('writes what is on the page and what is known about the scrape', async () => {
    target.page('# HELP a Help.\n# TYPE a counter\na{x="y"} 7\nb 8\n');
    await collect({ metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'b', action: 'drop' }] });
    const samples = await scrapeOnce();
    expect(samples.get('a')).toMatchObject({ value: 7 });
    expect(samples.get('a')?.labels.toJSON()).toEqual({
      __name__: 'a',
      cluster: 'c',
      instance: target.address,
      job: 'j',
      x: 'y',
    });
    expect(samples.has('b')).toBe(false);
    expect(samples.get('up')).toMatchObject({ value: 1, time: samples.get('a')?.time });
    expect(samples.get('up')?.labels.toJSON()).toEqual({
      __name__: 'up',
      cluster: 'c',
      instance: target.address,
      job: 'j',
    });
    expect(samples.get('scrape_samples_scraped')?.value).toBe(2);
    expect(samples.get('scrape_samples_post_metric_relabeling')?.value).toBe(1);
    expect(samples.get('scrape_series_added')?.value).toBe(1);
    expect(samples.get('scrape_duration_seconds')?.value).toBeGreaterThan(0);
    expect(metadata).toEqual([{ metric: 'a', type: 'counter', unit: '', help: 'Help.' }]);
    const [status] = collector?.targets() ?? [];
    expect(collector?.metadataOf(status)).toEqual(metadata);
    expect((await scrapeOnce()).get('scrape_series_added')?.value).toBe(0);
    expect(collector?.status()).toMatchObject({ targets: 1, down: 0, series: 1, samplesPerSecond: 0.1 });
  });

  test('says what it can read and how long it waits', async () => {
    target.page('a 1\n');
    await collect({ scrape_timeout: '3s', params: { m: ['x'] }, basic_auth: { username: 'u', password: 'p' } });
    await scrapeOnce();
    const { headers, url } = target.requests[0];
    expect(url).toBe('/metrics?m=x');
    expect(headers).toMatchObject({
      'x-prometheus-scrape-timeout-seconds': '3',
      authorization: `Basic ${Buffer.from('u:p').toString('base64')}`,
      'accept-encoding': 'identity',
    });
    expect(headers.accept).toContain('application/openmetrics-text;version=1.0.0');
  });

  test.each([
    [{}, 'allow-utf-8', ['a', 'b.c', 'd']],
    [{ metric_name_escaping_scheme: 'dots' }, 'dots', ['a', 'b.c', 'd']],
    [{ metric_name_validation_scheme: 'legacy' }, 'underscores', ['a']],
  ])('with %j asks for names as %s and takes those it may', async (job, escaping, names) => {
    target.page('a 1\n{"b.c"} 2\nd{"x.y"="1"} 3\n');
    await collect(job);
    const samples = await scrapeOnce();
    expect(target.requests[0].headers.accept).toContain(`text/plain;version=1.0.0;escaping=${escaping};`);
    expect(['a', 'b.c', 'd'].filter((name) => samples.has(name))).toEqual(names);
    expect(samples.get('up')?.value).toBe(1);
  });

  test('reads gzip and OpenMetrics', async () => {
    target.page(gzipSync('a_total 1 12.5\n# EOF\n'), {
      'content-type': 'application/openmetrics-text; version=1.0.0',
      'content-encoding': 'gzip',
    });
    await collect({ enable_compression: true });
    expect((await scrapeOnce()).get('a_total')).toMatchObject({ value: 1, time: 12_500 });
    expect(target.requests[0].headers['accept-encoding']).toBe('gzip');
  });

  test('happens at the same place of each interval, with even steps', async () => {
    target.page('a 1\n');
    await collect({});
    const times = [];
    for (let round = 0; round < 3; round++) times.push((await scrapeOnce()).get('up')?.time ?? 0);
    expect(times[1] - times[0]).toBe(INTERVAL);
    expect(times[2] - times[1]).toBe(INTERVAL);
  });
});

describe('what belongs to one scrape is one batch:', () => {
  /** Names by what their samples are; of those about the scrape only `up`. */
  function contentOf({ layout, values }: SampleBatch): Record<string, string> {
    const words = wordsOf(values);
    const entries = layout.series.map(({ labels }, i) => {
      const name = `${labels.get('__name__')}${labels.get('le')}`;
      return [name, isStale(words, i) ? 'stale' : String(values[i])];
    });
    return Object.fromEntries(entries.filter(([name]) => !name.startsWith('scrape_')));
  }

  async function scrape(): Promise<Record<string, string>> {
    batches = [];
    await scrapeOnce();
    expect(batches).toHaveLength(1);
    return contentOf(batches[0]);
  }

  test('samples, up and the markers of series that are gone', async () => {
    target.page('a 1\nb 2\n');
    await collect({});
    expect(await scrape()).toEqual({ a: '1', b: '2', up: '1' });
    target.page('c 3\nb 4\n');
    expect(await scrape()).toEqual({ a: 'stale', b: '4', c: '3', up: '1' });
    expect(new Set(batches[0].timestamps).size).toBe(1);
    expect(await scrape()).toEqual({ b: '4', c: '3', up: '1' });
  });

  test('with buckets, exemplars and timestamps of the page', async () => {
    const type = { 'content-type': 'application/openmetrics-text' };
    const page = (le: string) =>
      `# TYPE h histogram\nh_bucket{le="${le}"} 1 # {id="x${le}"} 0.5\nh_bucket{le="+Inf"} 2\nh_count 2\nt 7 12.5\n# EOF\n`;
    target.page(page('1.0'), type);
    await collect({ track_timestamps_staleness: true });
    await scrape();
    target.page(page('2.0').replace('t 7 12.5\n', ''), type);
    expect(await scrape()).toEqual({
      'h_bucket1.0': 'stale',
      'h_bucket2.0': '1',
      'h_bucket+Inf': '2',
      h_count: '2',
      t: 'stale',
      up: '1',
    });
    const [{ exemplars = [], layout }] = batches;
    expect(exemplars.map(({ value, series }) => [value, layout.series.includes(series)])).toEqual([[0.5, true]]);
  });

  test('a failed scrape: up 0 and the markers', async () => {
    target.page('a 1\nb 2\n');
    await collect({});
    await scrape();
    target.page('oops', {}, 500);
    expect(await scrape()).toEqual({ a: 'stale', b: 'stale', up: '0' });
    expect(await scrape()).toEqual({ up: '0' });
  });

  test('a target that is gone: the markers of all its series', async () => {
    target.page('a 1\nb 2\n');
    await collect({});
    await scrape();
    batches = [];
    await reload(configOf({ static_configs: [] }));
    await vi.waitFor(() => expect(batches.length).toBe(1));
    expect(batches.map(contentOf)).toEqual([{ a: 'stale', b: 'stale', up: 'stale' }]);
  });
});

describe('a target that', () => {
  const rows: [what: string, spoil: () => void, words: string][] = [
    ['answers 500', () => target.page('oops', {}, 500), 'HTTP status 500'],
    ['answers HTML', () => target.page('<html>', { 'content-type': 'text/html' }), 'not a metrics page'],
    ['sends garbage', () => target.page(Buffer.from([0, 1, 2, 255, 254])), 'not a metrics page'],
    ['cuts the connection', () => (target.handler = (_, response) => response.destroy()), 'socket hang up'],
    ['hangs', () => (target.handler = () => {}), 'no answer within 300 ms'],
    [
      'stops in the middle',
      () =>
        (target.handler = (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).write('a 1\n')),
      'no answer within 300 ms',
    ],
    ['never stops sending', () => (target.handler = (_, response) => pour(response)), 'longer than 1048576 bytes'],
    [
      'sends a gzip bomb',
      () => target.page(gzipSync(Buffer.alloc(50_000_000, 'a')), { 'content-encoding': 'gzip' }),
      'longer than 1048576 bytes',
    ],
    ['has more samples than it may', () => target.page('a 1\nb 2\nc 3\nd 4\n'), 'sample_limit'],
  ];
  test.each(rows)('%s is down, its series go stale, and it comes back', async (_, spoil, words) => {
    target.page('a 1\nb 2\n');
    await collect({ scrape_timeout: '300ms', body_size_limit: '1MB', sample_limit: 3 });
    expect((await scrapeOnce()).get('up')?.value).toBe(1);
    spoil();
    const samples = await scrapeOnce();
    await vi.waitFor(() => expect(written.filter(({ stale }) => stale).length).toBe(2));
    expect(samples.get('up')?.value).toBe(0);
    expect(collector?.targets()[0]).toMatchObject({ health: 'down', lastError: expect.stringContaining(words) });
    await scrapeOnce();
    expect(written.filter(({ stale }) => stale)).toEqual([]);
    target.page('a 3\nb 4\n');
    expect((await scrapeOnce()).get('a')?.value).toBe(3);
    expect(collector?.targets()[0]).toMatchObject({ health: 'up', lastError: '' });
  });

  test('has more samples than it may still says how many', async () => {
    target.page(Array.from({ length: 10 }, (_, i) => `m${i} 1\n`).join(''));
    await collect({ sample_limit: 5 });
    const samples = await scrapeOnce();
    expect(samples.get('up')?.value).toBe(0);
    expect(samples.get('scrape_samples_scraped')?.value).toBe(10);
    expect(samples.get('scrape_samples_post_metric_relabeling')?.value).toBe(10);
  });

  test('has broken lines shows how many and the first of them, until they are gone', async () => {
    target.page('a 1\nb{ 2\na 3\nc x\n');
    await collect({});
    await scrapeOnce();
    expect(collector?.targets()[0]).toMatchObject({
      health: 'up',
      leftOut: { lines: 3, reasons: { syntax: 1, duplicate: 1, value: 1 }, first: 'line 2: syntax: "b{ 2"' },
    });
    target.page('a 1\n');
    await scrapeOnce();
    expect(collector?.targets()[0].leftOut).toBeUndefined();
  });

  test.each([
    ['::1', '::1 is an IPv6 address, which stands in brackets before a port: [::1]:PORT'],
    ['h:99999', 'h:99999: port 99999 is above 65535'],
  ])('cannot be scraped, %s, is a dropped one with its reason', async (address, reason) => {
    target.page('a 1\n');
    await collect({ static_configs: [{ targets: [address, target.address] }] });
    expect(collector?.droppedTargets()).toMatchObject([{ scrapePool: 'j', reason }]);
    expect((await scrapeOnce()).get('up')?.value).toBe(1);
  });

  test('is one of too many is down without being asked', async () => {
    target.page('a 1\n');
    await collect({ static_configs: [{ targets: [target.address, '127.0.0.1:1'] }], target_limit: 1 });
    const samples = await scrapeOnce();
    expect(samples.get('up')?.value).toBe(0);
    expect(samples.has('a')).toBe(false);
    expect(target.requests).toEqual([]);
    expect(collector?.targets().map(({ lastError }) => lastError)).toContain('2 targets, target_limit is 1');
  });

  test('hangs does not keep a stop waiting', async () => {
    target.handler = () => {};
    await collect({ scrape_timeout: '10s' });
    await clock.advance(INTERVAL);
    await vi.waitFor(() => expect(target.requests.length).toBe(1));
    await collector?.stop();
    expect(written).toEqual([]);
  });

  test('is not there harms no other', async () => {
    target.page('a 1\n');
    await collect({ static_configs: [{ targets: [target.address, '127.0.0.1:1'] }] });
    await scrapeOnce();
    await vi.waitFor(() =>
      expect(
        collector
          ?.targets()
          .map(({ health }) => health)
          .sort(),
      ).toEqual(['down', 'up']),
    );
  });
});

describe('reload', () => {
  test('makes the series of a target that is gone stale, those about the scrape too', async () => {
    target.page('a 1\n');
    await collect({});
    await scrapeOnce();
    written = [];
    await reload(configOf({ static_configs: [] }));
    await vi.waitFor(() => expect(written.length).toBe(6));
    expect(written.map(({ labels, stale }) => [labels.get('__name__'), stale])).toEqual([
      ['a', true],
      ['up', true],
      ['scrape_duration_seconds', true],
      ['scrape_samples_scraped', true],
      ['scrape_samples_post_metric_relabeling', true],
      ['scrape_series_added', true],
    ]);
    expect(collector?.targets()).toEqual([]);
  });

  test('leaves a job alone that did not change', async () => {
    target.page('a 1\n');
    await collect({});
    await scrapeOnce();
    written = [];
    await reload(configOf({}));
    expect(written).toEqual([]);
    expect((await scrapeOnce()).get('scrape_series_added')?.value).toBe(0);
  });

  /** What a target has of its own between scrapes shows in `scrape_series_added`: 0 where its cache was kept. */
  async function addedAt(address: string): Promise<number | undefined> {
    await scrapeOnce();
    await vi.waitFor(() => expect(written.some(({ labels }) => labels.get('instance') === address)).toBe(true));
    const isAdded = ({ labels }: Written) =>
      labels.get('__name__') === 'scrape_series_added' && labels.get('instance') === address;
    return written.find(isAdded)?.value;
  }

  test('of the targets of a job leaves those alone that stay', async () => {
    target.page('a 1\n');
    await collect({});
    await scrapeOnce();
    const targets = [target.address, '127.0.0.1:1'];
    await reload(configOf({ static_configs: [{ targets }], target_limit: 5, keep_dropped_targets: 7 }));
    await vi.waitFor(() => expect(collector?.targets().length).toBe(2));
    expect(await addedAt(target.address)).toBe(0);
    await reload(configOf({}));
    await vi.waitFor(() => expect(collector?.targets().length).toBe(1));
    expect(await addedAt(target.address)).toBe(0);
    expect(written.some(({ stale, labels }) => stale && labels.get('instance') === target.address)).toBe(false);
  });

  test('of how a job is scraped goes on with its series, and those it drops go stale with the next scrape', async () => {
    target.page('a 1\nb 2\n');
    await collect({});
    await scrapeOnce();
    batches = [];
    const metric_relabel_configs = [{ source_labels: ['__name__'], regex: 'b', action: 'drop' }];
    await reload(configOf({ metric_relabel_configs, scrape_timeout: '5s' }));
    expect(batches).toEqual([]);
    const samples = await scrapeOnce();
    expect(batches).toHaveLength(1);
    expect(samples.get('a')).toMatchObject({ value: 1, stale: false });
    expect(samples.get('b')).toMatchObject({ stale: true });
    expect(samples.get('up')).toMatchObject({ value: 1, stale: false });
  });

  test('that moves a target to another interval goes on with its series', async () => {
    target.page('a 1\n');
    await collect({});
    await scrapeOnce();
    batches = [];
    await reload(configOf({ scrape_interval: '20s' }));
    await vi.waitFor(() => expect(collector?.targets()[0]?.scrapeInterval).toBe(20_000));
    written = [];
    await vi.waitFor(async () => {
      await clock.advance(INTERVAL);
      expect(written.some(({ labels }) => labels.get('__name__') === 'a')).toBe(true);
    }, 10_000);
    expect(written.some(({ stale }) => stale)).toBe(false);
  });

  test('of a target that fails from then on makes the series it had stale', async () => {
    target.page('a 1\n');
    await collect({});
    await scrapeOnce();
    target.page('', {}, 500);
    await reload(configOf({ honor_labels: true }));
    const samples = await scrapeOnce();
    expect(samples.get('a')).toMatchObject({ stale: true });
    expect(samples.get('up')).toMatchObject({ value: 0, stale: false });
  });

  test('with a file that cannot be used changes nothing', async () => {
    target.page('a 1\n');
    await collect({});
    await scrapeOnce();
    await expect(collector?.prepare(configOf({}, { scrape_config_files: ['/nope/prometheus.yml'] }))).rejects.toThrow(
      '/nope/prometheus.yml',
    );
    expect((await scrapeOnce()).get('scrape_series_added')?.value).toBe(0);
  });

  test('of a change that is not committed changes nothing', async () => {
    target.page('a 1\n');
    await collect({});
    await scrapeOnce();
    await collector?.prepare(configOf({ static_configs: [] }));
    expect((await scrapeOnce()).get('scrape_series_added')?.value).toBe(0);
  });

  test('a stop alone writes nothing: after a restart the series go on', async () => {
    target.page('a 1\n');
    await collect({});
    await scrapeOnce();
    written = [];
    await collector?.stop();
    expect(written).toEqual([]);
  });
});

describe('file_sd_configs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crowsnest-sd-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('targets come and go with the files; a broken file keeps those it had', async () => {
    target.page('a 1\n');
    const groups = (...targets: string[]) => JSON.stringify([{ targets, labels: { from: 'file' } }]);
    const urls = () => collector?.targets().map(({ scrapeUrl }) => scrapeUrl);
    writeFileSync(join(folder, 'one.json'), groups(target.address));
    writeFileSync(join(folder, 'other.txt'), groups('ignored:1'));
    await collect({
      static_configs: [],
      file_sd_configs: [{ files: [join(folder, '*.json')], refresh_interval: '1m' }],
    });
    expect(urls()).toEqual([`http://${target.address}/metrics`]);
    expect((await scrapeOnce()).get('a')?.labels.get('from')).toBe('file');
    writeFileSync(join(folder, 'one.json'), '[{"targets": ');
    writeFileSync(join(folder, 'two.json'), groups('127.0.0.1:2'));
    await clock.advance(60_000);
    await vi.waitFor(() => expect(urls()).toEqual([`http://${target.address}/metrics`, 'http://127.0.0.1:2/metrics']));
    rmSync(join(folder, 'one.json'));
    await clock.advance(60_000);
    await vi.waitFor(() => expect(urls()).toEqual(['http://127.0.0.1:2/metrics']));
  });

  test('a file that changes is read before its interval is over, and relabeling knows its path', async () => {
    const file = join(folder, 'one.yml');
    writeFileSync(file, `- targets: ['${target.address}']\n  labels: {version: 1.10, zone: 007}\n`);
    await collect({
      static_configs: [],
      file_sd_configs: [{ files: [file], refresh_interval: '1h' }],
      relabel_configs: [{ source_labels: ['__meta_filepath'], target_label: 'file' }],
    });
    const [status] = collector?.targets() ?? [];
    expect(status.labels.toJSON()).toMatchObject({ file, version: '1.10', zone: '007' });
    writeFileSync(file, `- targets: ['127.0.0.1:7']\n`);
    await vi.waitFor(async () => {
      await clock.advance(1000);
      expect(collector?.targets().map(({ scrapeUrl }) => scrapeUrl)).toEqual(['http://127.0.0.1:7/metrics']);
    }, 10_000);
  });
});

describe('pages of this process', () => {
  test('are scraped at once, the machine and crowsnest itself', async () => {
    await collect({ static_configs: [] }, { node: { subjects: ['loadavg'] } }, () => Promise.resolve('own 5\n'));
    await vi.waitFor(() => expect(written.filter(({ labels }) => labels.get('__name__') === 'up').length).toBe(2));
    const find = (name: string) => written.find(({ labels }) => labels.get('__name__') === name)?.labels.toJSON();
    expect(find('own')).toMatchObject({ job: 'crowsnest', instance: 'host', cluster: 'c' });
    expect(find('node_load1')).toMatchObject({ job: 'node-exporter', instance: 'host', cluster: 'c' });
  });

  test('one that is never ready is down after its time', async () => {
    await collect({ static_configs: [] }, {}, () => new Promise(() => {}));
    await clock.advance(INTERVAL);
    await vi.waitFor(() => expect(collector?.targets()[0]).toMatchObject({ health: 'down' }));
    expect(collector?.targets()[0].lastError).toContain('not ready within 10000 ms');
  });
});

function pour(response: http.ServerResponse): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/plain' });
  const lines = 'metric{label="value"} 1\n'.repeat(1000);
  while (!response.destroyed && response.write(lines));
  if (!response.destroyed) response.once('drain', () => pour(response));
}
