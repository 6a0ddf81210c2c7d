import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Crowsnest, lay } from '../e2e/crowsnest.ts';
import { Webhook } from '../e2e/receivers.ts';
import { findProgram } from '../servers/cache.ts';
import { type RunningServer, describeWith, temporaryFolder, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';

const run = promisify(execFile);
const ARGS = [
  'alerts',
  '--config',
  'c.yaml',
  '--query',
  'http://127.0.0.1:9',
  '--data',
  'data',
  '--listen',
  '127.0.0.1:0',
];
const WITHIN = 60_000;

/** An alert manager without rules of its own, and a webhook. */
async function start(folder: string, webhook: Webhook): Promise<Crowsnest> {
  lay(folder, {
    'c.yaml': 'alerting: {rule_files: [], routing: am.yml}\n',
    'am.yml': `
route:
  receiver: team
  group_by: [alertname]
  group_wait: 100ms
  group_interval: 500ms
  routes: [{matchers: [night="yes"], receiver: team, mute_time_intervals: [always]}]
time_intervals: [{name: always, time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]}]
receivers: [{name: team, webhook_configs: [{url: '${await webhook.start()}'}]}]
`,
  });
  return Crowsnest.start(folder, ARGS);
}

describeWith(['amtool'], 'amtool', () => {
  const folder = temporaryFolder();
  const webhook = new Webhook();
  let crowsnest: Crowsnest;

  beforeAll(async () => {
    crowsnest = await start(folder, webhook);
  });

  afterAll(async () => {
    await crowsnest?.kill();
    await webhook.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function amtool(...args: string[]): Promise<string> {
    const all = [`--alertmanager.url=${crowsnest.url}`, '--date.format=2006', ...args];
    return (await run(findProgram('amtool') ?? 'amtool', all, { cwd: folder, timeout: WITHIN })).stdout;
  }

  const notified = (alertname: string) => webhook.bodies.some(({ groupLabels }) => groupLabels.alertname === alertname);

  test('adds an alert, which is notified and listed', async () => {
    await amtool('alert', 'add', 'Down', 'node=a', '--annotation=summary=hi');
    expect(await waitFor(() => notified('Down'), WITHIN)).toBe(true);
    expect(webhook.bodies[0].alerts[0]).toMatchObject({ labels: { alertname: 'Down', node: 'a' }, annotations: { summary: 'hi' } });
    expect(await amtool('alert', 'query', 'node=a')).toContain('Down');
    expect(await amtool('alert', 'query', '--receiver=nobody')).not.toContain('Down');
  }); // prettier-ignore

  test('silences, changes, ends and brings back a silence; what is silenced notifies no one', async () => {
    const id = (await amtool('silence', 'add', 'alertname=~"Quiet|Down"', '-c', 'works', '-a', 'maya', '-d', '1h')).trim();
    expect(await amtool('silence', 'query')).toMatch(new RegExp(`${id} .*Quiet.*maya +works`));
    await amtool('alert', 'add', 'Quiet');
    await amtool('alert', 'add', 'Loud');
    expect(await waitFor(() => notified('Loud'), WITHIN)).toBe(true);
    expect(await amtool('alert', 'query')).not.toContain('Quiet');
    expect(await amtool('alert', 'query', '--silenced')).toMatch(/Quiet.*suppressed/);
    expect(await amtool('silence', 'update', id, '-d', '2h', '-c', 'more works')).toContain(id);
    lay(folder, { 'silences.json': await amtool('silence', 'query', '-o', 'json') });
    await crowsnest.kill();
    crowsnest = await Crowsnest.start(folder, ARGS);
    expect(await amtool('silence', 'query')).toContain('more works');
    await amtool('silence', 'expire', id);
    expect(await amtool('silence', 'query')).not.toContain(id);
    expect(await amtool('silence', 'query', '--expired')).toContain(id);
    const again = (await amtool('silence', 'import', '--force', 'silences.json')).trim();
    expect(await amtool('silence', 'query', '-q')).toBe(`${again}\n`);
    expect(notified('Quiet')).toBe(false);
    await amtool('silence', 'expire', again);
    await amtool('alert', 'add', 'Quiet');
    expect(await waitFor(() => notified('Quiet'), WITHIN)).toBe(true);
  }); // prettier-ignore

  test('shows what a time interval mutes, the configuration, its routes and the cluster', async () => {
    await amtool('alert', 'add', 'Night', 'night=yes');
    await amtool('alert', 'add', 'Day');
    expect(await waitFor(() => notified('Day'), WITHIN)).toBe(true);
    const groups = JSON.parse(await crowsnest.text('/api/v2/alerts/groups')) as { alerts: { status: { mutedBy: string[] } }[] }[];
    expect(groups.flatMap(({ alerts }) => alerts.flatMap(({ status }) => status.mutedBy))).toEqual(['always']);
    expect(notified('Night')).toBe(false);
    expect(await amtool('config', 'show')).toContain('url: <secret>');
    expect(await amtool('config', 'routes')).toContain('{night="yes"}  receiver: team');
    expect(await amtool('config', 'routes', 'test', 'night=yes')).toBe('team\n');
    expect(await amtool('cluster', 'show')).toContain('disabled');
    expect(await amtool('check-config', join(folder, 'am.yml'))).toContain('SUCCESS');
  }); // prettier-ignore

  test('is told why something is refused', async () => {
    await expect(amtool('silence', 'add', 'a=~".*"', '-c', 'x')).rejects.toThrow('at least one matcher must not match');
    await expect(amtool('silence', 'expire', '11111111-1111-1111-1111-111111111111')).rejects.toThrow();
    await expect(amtool('alert', 'query', '--receiver=(')).rejects.toThrow('missing closing )');
  });
});

describe('a sender', () => {
  describeWith(['prometheus'], 'that is a real Prometheus', () => {
    const folder = temporaryFolder();
    const webhook = new Webhook();
    let prometheus: RunningServer | undefined;
    let crowsnest: Crowsnest;

    afterAll(async () => {
      await crowsnest?.kill();
      await Promise.all([prometheus?.stop(), webhook.stop()]);
      rmSync(folder, { recursive: true, force: true });
    });

    test('has its alerts routed here with its labels and links, and resolved when it resolves them', async () => {
      crowsnest = await start(folder, webhook);
      const rules = join(folder, 'sent.yml');
      lay(folder, {
        'sent.yml': 'groups: [{name: g, interval: 1s, rules: [{alert: Sent, expr: vector(1), annotations: {summary: hi}}]}]\n',
      }); // prettier-ignore
      prometheus = await startPrometheus({
        flags: ['--rules.alert.resend-delay=1s'],
        config: `
global: {external_labels: {cluster: lab}, evaluation_interval: 1s}
rule_files: ['${rules}']
alerting: {alertmanagers: [{static_configs: [{targets: ['${crowsnest.url.replace('http://', '')}']}]}]}
`,
      });
      expect(await waitFor(() => webhook.bodies.length > 0, WITHIN)).toBe(true);
      expect(webhook.bodies[0]).toMatchObject({
        status: 'firing',
        alerts: [{ labels: { alertname: 'Sent', cluster: 'lab' }, annotations: { summary: 'hi' } }],
      });
      lay(folder, { 'sent.yml': 'groups: [{name: g, interval: 1s, rules: [{alert: Sent, expr: vector(1) > 1}]}]\n' });
      await fetch(`${prometheus.url}/-/reload`, { method: 'POST' });
      expect(await waitFor(() => webhook.bodies.some(({ status }) => status === 'resolved'), WITHIN)).toBe(true);
    });
  });
});
