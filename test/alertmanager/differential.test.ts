import { once } from 'node:events';
import { rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Crowsnest, lay } from '../e2e/crowsnest.ts';
import { startAlertmanager } from '../servers/alertmanager.ts';
import { freePort } from '../servers/free-port.ts';
import { type RunningServer, describeWith, temporaryFolder, waitFor } from '../servers/process.ts';
import { Random } from '../promql/random.ts';
import { type Step, randomStream, routingFile } from './streams.ts';

const STEPS = Number(process.env.CROWSNEST_STREAM_STEPS ?? 12);
const SEED = Number(process.env.CROWSNEST_STREAM_SEED ?? 7);
/** Milliseconds without a notification after which the reference has nothing more to say: five group intervals. */
const QUIET = 2500;
const WITHIN = 60_000;

/** The last body of each receiver and group. */
class Sink {
  readonly last = new Map<string, string>();
  readonly seen: string[] = [];
  at = Date.now();
  readonly #server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.at = Date.now();
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      const shown = withoutTimes(body);
      this.last.set(`${request.url} ${String(body.groupKey)}`, shown);
      this.seen.push(`${request.url} ${shown}`);
      response.end('ok');
    });
  });

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  state(): Record<string, string> {
    return Object.fromEntries([...this.last].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Two programs do not flush at the same millisecond, so times and the reason, which depends on the flush before, may differ. */
function withoutTimes(body: Record<string, unknown>): string {
  const alerts = (body.alerts as Record<string, unknown>[]).map(({ startsAt: _start, endsAt: _end, ...alert }) => alert);
  return JSON.stringify({ ...body, alerts, notification_reason: '', externalURL: '' });
} // prettier-ignore

interface Program {
  readonly sink: Sink;
  readonly url: () => string;
  readonly restart: () => Promise<void>;
  readonly silences: string[];
}

async function apply(step: Step, { url, restart, silences }: Program): Promise<void> {
  if (step.kind === 'restart') return restart();
  const call = async (method: string, path: string, body?: unknown): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url()}/api/v2/${path}`, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.text();
  };
  if (step.kind === 'expire') return void (await call('DELETE', `silence/${silences[step.silence]}`));
  const [now, later] = [0, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
  if (step.kind === 'silence') {
    const body = { matchers: step.matchers, startsAt: now, endsAt: later, createdBy: 'test', comment: 'test' };
    silences.push((JSON.parse(await call('POST', 'silences', body)) as { silenceID: string }).silenceID);
    return;
  }
  const annotations = { summary: 'one & <two>' };
  const generatorURL = 'http://prom/graph';
  await call('POST', 'alerts', [
    ...step.fire.map((labels) => ({ labels, annotations, generatorURL })),
    ...step.resolve.map((labels) => ({ labels, annotations, generatorURL, endsAt: now })),
  ]);
}

describeWith(['alertmanager'], 'a random stream of alerts', () => {
  const folder = temporaryFolder();
  const sinks = { ours: new Sink(), theirs: new Sink() };
  let reference: RunningServer;
  let crowsnest: Crowsnest;
  let ours: Program;
  let theirs: Program;

  beforeAll(async () => {
    lay(folder, {
      'c.yaml': 'alerting: {rule_files: [], routing: am.yml}\n',
      'am.yml': routingFile(await sinks.ours.start()),
      'reference/keep': '',
    });
    const config = routingFile(await sinks.theirs.start());
    const at = { folder: `${folder}/reference`, port: await freePort() };
    const start = () => Crowsnest.start(folder, ['alerts', '--config', 'c.yaml', '--query', 'http://127.0.0.1:9', '--data', 'data', '--listen', '127.0.0.1:0']); // prettier-ignore
    reference = await startAlertmanager({ config, ...at });
    crowsnest = await start();
    theirs = {
      sink: sinks.theirs,
      url: () => reference.url,
      silences: [],
      async restart() {
        await reference.stop();
        reference = await startAlertmanager({ config, ...at });
      },
    };
    ours = {
      sink: sinks.ours,
      url: () => crowsnest.url,
      silences: [],
      async restart() {
        await crowsnest.stop();
        crowsnest = await start();
      },
    };
  });

  afterAll(async () => {
    await crowsnest?.kill();
    await reference?.stop();
    for (const sink of Object.values(sinks)) sink.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test(`of ${STEPS} steps ends in the same notifications as with a real Alertmanager, restarts included`, async () => {
    for (const [i, step] of randomStream(STEPS, new Random(SEED)).entries()) {
      await Promise.all([apply(step, ours), apply(step, theirs)]);
      sinks.theirs.at = Date.now();
      await waitFor(() => Date.now() - sinks.theirs.at > QUIET, WITHIN);
      const same = () => JSON.stringify(sinks.ours.state()) === JSON.stringify(sinks.theirs.state());
      if (await waitFor(same, WITHIN)) continue;
      expect({ step: [i, step], state: sinks.ours.state() }).toEqual({ step: [i, step], state: sinks.theirs.state() });
    }
    expect(sinks.theirs.seen.length).toBeGreaterThan(10);
    // How many flushes a change falls into depends on the machine; a notification that repeats itself would double the count.
    expect(sinks.ours.seen.length).toBeLessThan(2 * sinks.theirs.seen.length);
  }, 600_000); // prettier-ignore
});
