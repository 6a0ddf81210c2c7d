import { rmSync } from 'node:fs';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpClient } from '../../src/lib/http/client.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { Labels } from '../../src/model/labels.ts';
import type { SampleBatch, Series } from '../../src/model/sample.ts';
import { createRemoteWrite, remoteWriteSchema } from '../../src/remote-write/index.ts';
import { type RunningServer, describeWith, temporaryFolder, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';

/** Stands before a server, and can be taken away and put back under the same address. */
class Gate {
  readonly #to: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;

  constructor(to: string) {
    this.#to = new URL(to);
  }

  async open(): Promise<void> {
    this.#server = createServer((socket) => {
      const behind = connect(Number(this.#to.port), this.#to.hostname);
      for (const [one, other] of [[socket, behind], [behind, socket]] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => this.#sockets.delete(one));
      } // prettier-ignore
      socket.pipe(behind).pipe(socket);
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  }
}

describeWith(['prometheus'], 'a real Prometheus that is away for 20 scrapes of churning targets', () => {
  const client = new HttpClient();
  const folder = temporaryFolder();
  let prometheus: RunningServer;
  let gate: Gate;

  beforeAll(async () => {
    prometheus = await startPrometheus();
    gate = new Gate(prometheus.url);
    await gate.open();
  });
  afterAll(async () => {
    await gate?.close();
    await prometheus?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function samplesOf(run: string): Promise<number> {
    const query = `sum(count_over_time({run="${run}"}[10m]))`;
    const answer = await client.request({
      url: `${prometheus.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`,
      timeout: 10_000,
    });
    const { data } = JSON.parse(answer.body.toString()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1] ?? 0);
  }

  test.each([
    [1, 500],
    [3, 200],
    [10, 60],
    [100, 8],
  ])('has every sample of %d targets of %d series when it is back', async (targets, count) => {
    const run = `of-${targets}`;
    const remoteWrite = createRemoteWrite({
      destinations: [
        remoteWriteSchema.parse({
          url: `http://127.0.0.1:${gate.port}/api/v1/write`,
          name: run,
          queue_config: { max_backoff: '50ms', max_samples_per_send: 200 },
        }),
      ],
      dataDir: folder,
      logger: createLogger({ quiet: true }),
    });
    await remoteWrite.start();
    let made = 0;
    const make = (target: number): Series => ({
      labels: Labels.of({ __name__: `m_${made % 7}`, pod: `pod-${made++}`, target: String(target), run }),
    });
    const pages = Array.from({ length: targets }, (_, i) => Array.from({ length: count }, () => make(i)));
    const from = Date.now() - 60_000;
    for (let round = 0; round < 30; round++) {
      if (round === 5) await gate.close();
      if (round === 25) await gate.open();
      const writes = pages.map((page, i) => {
        page.splice(0, 1);
        page.push(make(i));
        const batch: SampleBatch = {
          layout: { series: [...page] },
          values: new Float64Array(count).fill(round),
          timestamps: new Float64Array(count).fill(from + round * 1000),
        };
        return remoteWrite.write(batch);
      });
      await Promise.all(writes);
    }
    const written = 30 * targets * count;
    let found = 0;
    await waitFor(async () => (found = await samplesOf(run)) === written, 30_000);
    expect(found).toBe(written);
    await remoteWrite.stop();
  });
});
