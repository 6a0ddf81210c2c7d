import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sleep } from '../../src/lib/time/sleep.ts';
import { temporaryFolder, waitFor } from '../servers/process.ts';
import { Crowsnest, lay } from './crowsnest.ts';
import { Webhook } from './receivers.ts';

/** Writes numbered lines without a pause until it is stopped. */
async function writeLines(path: string, signal: AbortSignal): Promise<number> {
  const out = createWriteStream(path, { flags: 'a' });
  let count = 0;
  while (!signal.aborted) {
    for (let i = 0; i < 20; i++) out.write(`line ${String(++count).padStart(7, '0')} of many\n`);
    await sleep(5);
  }
  await new Promise<void>((resolve) => out.end(resolve));
  return count;
}

describe('a kill -9 in the middle of work', () => {
  const folder = temporaryFolder();
  const webhook = new Webhook();
  let crowsnest: Crowsnest;

  beforeAll(async () => {
    lay(folder, {
      'app.log': '',
      'crowsnest.yaml': `
collect: {scrape_interval: 1s, scrape_timeout: 900ms}
logs: {files: ['${folder}/app.log'], read_from: beginning}
alerting: {rule_files: [rules.yaml], routing: alertmanager.yml}
server: {listen: '127.0.0.1:0'}
`,
      'rules.yaml':
        'groups: [{name: always, interval: 1s, rules: [{alert: Always, expr: vector(1), labels: {severity: page}}]}]\n',
      'alertmanager.yml': `
route: {receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 2s, repeat_interval: 1h}
receivers: [{name: hook, webhook_configs: [{url: '${await webhook.start()}'}]}]
`,
    });
  });

  afterAll(async () => {
    await crowsnest?.kill();
    await webhook.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const up = () => Crowsnest.start(folder, ['up', '--config', 'crowsnest.yaml', '--data', 'data']);

  test('every line is there exactly once, the alert fires on with its start and is not sent again, samples have no gap but the downtime', async () => {
    const stop = new AbortController();
    const writing = writeLines(join(folder, 'app.log'), stop.signal);
    crowsnest = await up();
    expect(await waitFor(() => webhook.bodies.length > 0, 15_000)).toBe(true);
    const [before] = await crowsnest.alerts();
    expect(before.state).toBe('firing');

    const killedAt: number[] = [];
    for (let round = 0; round < 3; round++) {
      const seen = (await crowsnest.logs('"of many"', 1))[0];
      expect(await waitFor(async () => (await crowsnest.logs('"of many"', 1))[0] !== seen, 5000)).toBe(true);
      await crowsnest.kill();
      killedAt.push(Date.now());
      crowsnest = await up();
    }
    stop.abort();
    const count = await writing;
    const last = `line ${String(count).padStart(7, '0')} of many`;
    expect(await waitFor(async () => (await crowsnest.logs('"of many"', 1))[0] === last, 20_000)).toBe(true);

    const lines = await allLines(crowsnest);
    expect(lines.length).toBe(count);
    expect(new Set(lines).size).toBe(count);

    expect(await waitFor(async () => (await crowsnest.alerts())[0]?.state === 'firing', 10_000)).toBe(true);
    expect((await crowsnest.alerts())[0].activeAt).toBe(before.activeAt);
    expect(webhook.bodies.map(({ status }) => status)).toEqual(['firing']);

    expect(await longestGap(crowsnest, killedAt)).toBeLessThan(3);
  });
});

/** Page by page through everything, in the order of storing. */
async function allLines(crowsnest: Crowsnest): Promise<string[]> {
  const lines: string[] = [];
  for (let after = '-1'; ;) {
    const answer = await crowsnest.data<{ records: { message: string }[]; cursor: string }>('/api/crowsnest/v1/logs', {
      query: '"of many"',
      start: '0',
      order: 'oldest',
      limit: '5000',
      after,
    });
    lines.push(...answer.records.map(({ message }) => message));
    if (answer.records.length === 0) return lines;
    after = answer.cursor;
  }
}

/** Seconds between two samples of one series, where no kill lies between them. */
async function longestGap(crowsnest: Crowsnest, killedAt: readonly number[]): Promise<number> {
  const { result } = await crowsnest.data<{ result: { values: [number, string][] }[] }>('/api/v1/query', {
    query: 'up{job="node-exporter"}[10m]',
  });
  const times = result[0].values.map(([at]) => at);
  const gaps = times.slice(1).map((at, i) => ({ from: times[i], to: at }));
  const undisturbed = gaps.filter(
    ({ from, to }) => !killedAt.some((kill) => kill / 1000 >= from - 1 && kill / 1000 <= to + 1),
  );
  return Math.max(...undisturbed.map(({ from, to }) => to - from));
}
