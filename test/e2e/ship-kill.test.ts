import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpClient } from '../../src/lib/http/client.ts';
import { freePort } from '../servers/free-port.ts';
import { type RunningServer, describeWith, temporaryFolder, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { Crowsnest, lay } from './crowsnest.ts';

const SERIES = 40;
const AGENT_KILLS = 3;

/** A target of which one series goes and one comes at each scrape; each value is the number of its scrape. */
class ChurningTarget {
  scrapes = 0;
  readonly #server = createServer((_, response) => {
    const scrape = ++this.scrapes;
    const lines = Array.from({ length: SERIES }, (_, i) => `churned{pod="pod-${scrape + i}"} ${scrape}\n`);
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`${lines.join('')}steady ${scrape}\n`);
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

describeWith(['prometheus'], 'kill -9 of the agent and of Prometheus, in turns, under churn', () => {
  const folder = temporaryFolder();
  const data = temporaryFolder();
  const target = new ChurningTarget();
  const client = new HttpClient();
  let port: number;
  let address: string;
  let prometheus: RunningServer;
  let agent: Crowsnest;

  const startReceiver = () => startPrometheus({ port, folder: data });
  const startAgent = () => Crowsnest.start(folder, ['agent', '--config', 'crowsnest.yaml', '--data', 'data']);

  beforeAll(async () => {
    [port, address] = await Promise.all([freePort(), target.start()]);
    lay(folder, {
      'crowsnest.yaml': `
collect:
  node: {enabled: false}
  scrape_configs: [{job_name: churn, scrape_interval: 250ms, scrape_timeout: 200ms, static_configs: [{targets: ['${address}']}]}]
logs: {containers: false, files: []}
ship: {metrics: [{url: 'http://127.0.0.1:${port}/api/v1/write', queue_config: {max_backoff: 200ms}}]}
server: {listen: '127.0.0.1:0'}
`,
    });
  });
  afterAll(async () => {
    await agent?.kill();
    await prometheus?.stop();
    target.stop();
    for (const path of [folder, data]) rmSync(path, { recursive: true, force: true });
  });

  async function stored(selector: string): Promise<number[]> {
    const url = `${prometheus.url}/api/v1/query?${new URLSearchParams({ query: `${selector}[1h]` }).toString()}`;
    const { body } = await client.request({ url, timeout: 10_000 });
    const { data: answer } = JSON.parse(body.toString()) as { data: { result: { values: [number, string][] }[] } };
    return answer.result.flatMap(({ values }) => values.map(([, value]) => Number(value)));
  }

  test('no scrape that was accepted is lost, none is doubled', async () => {
    prometheus = await startReceiver();
    agent = await startAgent();
    for (let round = 0; round < 2 * AGENT_KILLS; round++) {
      const before = target.scrapes;
      await waitFor(() => target.scrapes >= before + 8, 20_000);
      if (round % 2 === 0) {
        await agent.kill();
        agent = await startAgent();
      } else {
        prometheus.child.kill('SIGKILL');
        const away = target.scrapes;
        await waitFor(() => target.scrapes >= away + 6, 20_000);
        prometheus = await startReceiver();
      }
    }
    const last = target.scrapes;
    // Bodies of other shards may come later than that of `steady`.
    const ofLast = async () => (await stored('churned')).filter((value) => value === last).length;
    await waitFor(async () => (await ofLast()) === SERIES && (await stored('steady')).includes(last), 30_000);
    const steady = (await stored('steady')).filter((value) => value <= last);
    const times = new Set(steady);
    expect(steady.length).toBe(times.size);
    // A kill of the agent may cut off the scrape that is under way, or a part of it, which nobody accepted. A scrape that took
    // too long on a busy machine has `up` 0.
    const missing = Array.from({ length: last }, (_, i) => i + 1).filter((scrape) => !times.has(scrape));
    const late = (await stored('up')).filter((value) => value === 0).length;
    const churned = new Map<number, number>();
    for (const value of await stored('churned')) churned.set(value, (churned.get(value) ?? 0) + 1);
    const partial = steady.filter((scrape) => churned.get(scrape) !== SERIES);
    expect(partial.length, `partial ${partial.join()}`).toBeLessThanOrEqual(AGENT_KILLS);
    expect(missing.length, `missing ${missing.join()}`).toBeLessThanOrEqual(AGENT_KILLS + late);
    expect(Math.max(...churned.values())).toBe(SERIES);
  });
});
