import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../lib/logger.ts';
import { Labels } from '../model/labels.ts';
import { type SampleBatch, type Series, type SeriesLayout, isStale, markStale, wordsOf } from '../model/sample.ts';
import { type DecodedWrite, decodeWriteRequest } from '../ingest/remote-write/decode.ts';
import { type RemoteWrite, createRemoteWrite, remoteWriteSchema } from './index.ts';

const NOW = 1_780_000_000_000;
const logger = createLogger({ quiet: true });

function layoutOf(count: number, from = 0): SeriesLayout {
  const series = Array.from({ length: count }, (_, i): Series => ({
    labels: Labels.of({ __name__: `m_${(i + from) % 7}`, pod: `pod-${i + from}`, namespace: 'shop' }),
  }));
  return { series };
}

function batchOf(layout: SeriesLayout, at: number, value: (i: number) => number = (i) => i): SampleBatch {
  return {
    layout,
    values: Float64Array.from(layout.series, (_, i) => value(i)),
    timestamps: new Float64Array(layout.series.length).fill(at),
  };
}

/** The varint that a snappy block begins with. */
function unpackedLength(block: Buffer): number {
  let length = 0;
  for (let i = 0, shift = 1; ; i++, shift *= 128) {
    length += (block[i] & 127) * shift;
    if (block[i] < 128) return length;
  }
}

/** An endpoint that decodes what it is sent, and misbehaves on cue: `answers` are used up first. */
class Endpoint {
  readonly requests: DecodedWrite[] = [];
  readonly answers: (number | 'hang')[] = [];
  /** Bytes of an unpacked body above which it is refused. */
  longest = Infinity;
  #server: Server | undefined;
  #waiters: (() => void)[] = [];

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => void this.#answer(Buffer.concat(chunks), request, response));
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v1/write`;
  }

  async #answer(body: Buffer, { headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = this.answers.shift() ?? (unpackedLength(body) > this.longest ? 413 : 204);
    if (answer === 'hang') return;
    if (answer === 204) {
      this.requests.push(
        await decodeWriteRequest(body, headers['content-type'] ?? '', String(headers['content-encoding'])),
      );
    }
    response.writeHead(answer).end('words');
    for (const wake of this.#waiters.splice(0)) wake();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** `name{…} value @time` of every float sample received, sorted. */
  get samples(): string[] {
    const lines = this.requests.flatMap(({ batches }) =>
      batches.flatMap(({ layout, values, timestamps }) =>
        layout.series.map(
          ({ labels }, i) =>
            `${labels.toString()} ${isStale(wordsOf(values), i) ? 'stale' : values[i]} @${timestamps[i]}`,
        ),
      ),
    );
    return lines.sort();
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}

let folder: string;
let endpoint: Endpoint;
let url: string;
let running: RemoteWrite[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crowsnest-rw-'));
  endpoint = new Endpoint();
  url = await endpoint.start();
  running = [];
});
afterEach(async () => {
  for (const one of running) await one.stop();
  endpoint.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(queue: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Promise<RemoteWrite> {
  const destination = remoteWriteSchema.parse({
    url,
    name: 'test',
    queue_config: { min_backoff: '1ms', max_backoff: '5ms', ...queue },
    ...more,
  });
  const remoteWrite = createRemoteWrite({ destinations: [destination], dataDir: folder, drainWithin: 100, logger });
  running.push(remoteWrite);
  await remoteWrite.start();
  return remoteWrite;
}

function expected(batch: SampleBatch): string[] {
  return batch.layout.series
    .map(({ labels }, i) => `${labels.toString()} ${batch.values[i]} @${batch.timestamps[i]}`)
    .sort();
}

describe('remote write', () => {
  test.each([1, 2, 100, 2000, 4321])('%d series arrive with their labels, values and times', async (count) => {
    const remoteWrite = await start();
    const batch = batchOf(layoutOf(count), NOW, (i) => i * 1.5 - 3);
    await remoteWrite.write(batch);
    await endpoint.until(() => endpoint.samples.length >= count);
    expect(endpoint.samples).toEqual(expected(batch));
  });

  test('labels of any length and script survive the compressed template', async () => {
    const remoteWrite = await start();
    const series = [
      '',
      'x'.repeat(59),
      'y'.repeat(300),
      'ü€😀'.repeat(50),
      'a'.repeat(70_000),
      'ab'.repeat(40_000),
    ].map((value, i) => ({
      labels: Labels.of({ __name__: 'm', i: String(i), value }),
    }));
    const batch = batchOf({ series }, NOW);
    await remoteWrite.write(batch);
    await endpoint.until(() => endpoint.samples.length >= series.length);
    expect(endpoint.samples).toEqual(expected(batch));
  });

  test('a series with megabytes of labels is refused by itself', async () => {
    const remoteWrite = await start();
    const huge = { labels: Labels.of({ __name__: 'huge', pod: 'p'.repeat(6 << 20) }) };
    const layout = { series: [...layoutOf(20).series, huge, ...layoutOf(20, 20).series] };
    endpoint.longest = 5 << 20;
    await remoteWrite.write(batchOf(layout, NOW));
    await endpoint.until(() => endpoint.samples.length >= 40);
    expect(endpoint.samples.join()).not.toContain('huge');
  });

  test('the same layout again carries the new values; staleness markers arrive bit for bit', async () => {
    const remoteWrite = await start();
    const layout = layoutOf(3);
    await remoteWrite.write(batchOf(layout, NOW));
    const second = batchOf(layout, NOW + 15_000, (i) => -i);
    markStale(wordsOf(second.values), 1);
    await remoteWrite.write(second);
    await endpoint.until(() => endpoint.samples.length >= 6);
    expect(
      endpoint.samples.filter((line) => line.endsWith(`@${NOW + 15_000}`)).map((line) => line.split(' ').at(-2)),
    ).toEqual(['0', 'stale', '-2']);
  });

  test('a series that comes or goes changes its block only, and all arrive', async () => {
    const remoteWrite = await start({ max_samples_per_send: 10 });
    const all = layoutOf(40);
    await remoteWrite.write(batchOf(all, NOW));
    const changed = { series: [...all.series.slice(1), ...layoutOf(1, 100).series] };
    const batch = batchOf(changed, NOW + 1000);
    await remoteWrite.write(batch);
    await endpoint.until(() => endpoint.samples.length >= 80);
    expect(endpoint.samples.filter((line) => line.endsWith(`@${NOW + 1000}`))).toEqual(expected(batch));
  });

  test('times that do not fit the template, histograms and exemplars take the long way', async () => {
    const remoteWrite = await start();
    const histogram = {
      schema: 1, counterReset: 'gauge', zeroThreshold: 0.001, zeroCount: 2, count: 9, sum: 12.5,
      positiveSpans: [{ offset: -2, length: 2 }], positiveBuckets: [3, 4], negativeSpans: [], negativeBuckets: [], customValues: [],
    } as const; // prettier-ignore
    const series = { labels: Labels.of({ __name__: 'latency' }) };
    const exemplar = { series, labels: Labels.of({ trace_id: 'abc' }), value: 0.5, timestamp: NOW };
    await remoteWrite.write({
      layout: { series: [series] },
      values: new Float64Array(1),
      timestamps: Float64Array.of(NOW),
      histograms: [histogram],
      exemplars: [exemplar],
    });
    await remoteWrite.write(batchOf(layoutOf(1), 5));
    await endpoint.until(() => endpoint.requests.length >= 2);
    const [batch] = endpoint.requests[0].batches;
    expect(batch.histograms).toEqual([histogram]);
    expect(batch.exemplars?.map(({ labels, value, timestamp }) => [labels.toString(), value, timestamp])).toEqual([
      ['{trace_id="abc"}', 0.5, NOW],
    ]);
    expect(endpoint.requests[1].batches[0].timestamps[0]).toBe(5);
  });

  test.each([503, 429, 500])('status %d is tried again until it is accepted', async (status) => {
    const remoteWrite = await start();
    endpoint.answers.push(status, status);
    await remoteWrite.write(batchOf(layoutOf(2), NOW));
    await endpoint.until(() => endpoint.samples.length >= 2);
    expect(endpoint.samples).toHaveLength(2);
  });

  test('what is refused for good is dropped, and the next goes on', async () => {
    const remoteWrite = await start();
    endpoint.answers.push(400);
    await remoteWrite.write(batchOf(layoutOf(1), NOW));
    await vi.waitFor(() => expect(endpoint.answers).toEqual([]));
    await remoteWrite.write(batchOf(layoutOf(3, 50), NOW));
    await endpoint.until(() => endpoint.samples.length >= 3);
    expect(endpoint.samples).toHaveLength(3);
  });

  test('a sample that took the long way is not overtaken by the next of its series', async () => {
    const remoteWrite = await start();
    const layout = layoutOf(1);
    const exemplar = { series: layout.series[0], labels: Labels.of({ trace_id: 'a' }), value: 1, timestamp: NOW };
    endpoint.answers.push(503, 503);
    await remoteWrite.write({ ...batchOf(layout, NOW), exemplars: [exemplar] });
    await remoteWrite.write(batchOf(layout, NOW + 1));
    await endpoint.until(() => endpoint.requests.length >= 2);
    expect(endpoint.requests.map(({ batches }) => batches[0].timestamps[0])).toEqual([NOW, NOW + 1]);
  });

  test('a server that hangs is given up on after the time-out and asked again', async () => {
    const remoteWrite = await start({}, { remote_timeout: '50ms' });
    endpoint.answers.push('hang');
    await remoteWrite.write(batchOf(layoutOf(1), NOW));
    await endpoint.until(() => endpoint.samples.length >= 1);
    expect(endpoint.samples).toHaveLength(1);
  });

  test('what could not be sent waits on disk for the next start, in order', async () => {
    endpoint.answers.push(...Array<'hang'>(8).fill('hang'));
    const layout = layoutOf(3);
    const first = await start();
    for (let i = 0; i < 3; i++) await first.write(batchOf(layout, NOW + i));
    const stopping = first.stop();
    await stopping;
    running = [];
    endpoint.answers.length = 0;
    await start();
    await endpoint.until(() => endpoint.samples.length >= 9);
    const times = endpoint.requests.map(({ batches }) => batches[0].timestamps[0]);
    // Three series may be of three shards.
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('metadata goes once, and again when it changes', async () => {
    const remoteWrite = await start();
    const entry = { metric: 'm', type: 'counter', unit: 'seconds', help: 'text' } as const;
    remoteWrite.writeMetadata([entry]);
    remoteWrite.writeMetadata([entry]);
    remoteWrite.writeMetadata([{ ...entry, help: 'other' }]);
    await endpoint.until(() => endpoint.requests.length >= 2);
    expect(endpoint.requests.map(({ metadata }) => metadata[0].help)).toEqual(['text', 'other']);
  });
});
