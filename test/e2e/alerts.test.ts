import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpClient } from '../../src/lib/http/client.ts';
import { type RunningServer, describeWith, temporaryFolder, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { Crowsnest, lay } from './crowsnest.ts';
import { Webhook } from './receivers.ts';

describeWith(['prometheus'], 'crowsnest alerts on a real Prometheus', () => {
  const folder = temporaryFolder();
  const webhook = new Webhook();
  const client = new HttpClient();
  let prometheus: RunningServer;
  let alerts: Crowsnest;

  beforeAll(async () => {
    const hook = await webhook.start();
    prometheus = await startPrometheus({
      config:
        'global: {scrape_interval: 1s}\nscrape_configs: [{job_name: nobody, static_configs: [{targets: ["127.0.0.1:1"]}]}]\n',
    });
    lay(folder, {
      'c.yaml': `
identity: {region: eu-west-1}
ship: {metrics: [{url: '${prometheus.url}/api/v1/write'}]}
alerting: {rule_files: [r.yaml], routing: am.yml}
`,
      'r.yaml':
        'groups: [{name: g, interval: 1s, rules: [{alert: Gone, expr: up == 0, for: 1s, labels: {severity: page}}, {record: "nobody:up", expr: "up + 5"}]}]\n',
      'am.yml': `
route: {receiver: hook, group_wait: 1s, group_interval: 1s}
receivers: [{name: hook, webhook_configs: [{url: '${hook}'}]}]
`,
    });
    alerts = await Crowsnest.start(folder, [
      'alerts',
      '--config',
      'c.yaml',
      '--query',
      prometheus.url,
      '--data',
      'data',
      '--listen',
      '127.0.0.1:0',
    ]);
  });

  afterAll(async () => {
    await alerts?.kill();
    await Promise.all([prometheus?.stop(), webhook.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  async function value(query: string): Promise<string | undefined> {
    const url = `${prometheus.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`;
    const body = JSON.parse((await client.request({ url, timeout: 5000 })).body.toString()) as {
      data: { result: { value: [number, string] }[] };
    };
    return body.data.result[0]?.value[1];
  }

  test('pages, and writes its alerts and recordings back', async () => {
    expect(await waitFor(() => webhook.bodies.length > 0, 20_000)).toBe(true);
    expect(webhook.bodies[0].alerts[0].labels).toMatchObject({ alertname: 'Gone', job: 'nobody', severity: 'page' });
    expect(
      await waitFor(async () => (await value('ALERTS{alertname="Gone", alertstate="firing"}')) === '1', 10_000),
    ).toBe(true);
    expect(await value('nobody:up')).toBe('5');
    expect(await alerts.text('/metrics')).toContain('crowsnest_rule_evaluations_total');
    expect(await alerts.stop()).toBe(0);
  });
});
