import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, waitFor } from '../servers/process.ts';
import { Crowsnest, lay, run } from './crowsnest.ts';
import { Mailbox, Webhook } from './receivers.ts';

/** A page with one gauge that the test turns. */
class Dial {
  value = 0;
  readonly #server = http.createServer((_, response) =>
    response
      .setHeader('content-type', 'text/plain; version=0.0.4')
      .end(`# TYPE dial gauge\ndial{zone="dub2"} ${this.value}\n`),
  );

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('crowsnest up', () => {
  const folder = temporaryFolder();
  const dial = new Dial();
  const mailbox = new Mailbox();
  const webhook = new Webhook();
  let crowsnest: Crowsnest;

  beforeAll(async () => {
    const [target, smarthost, hook] = await Promise.all([dial.start(), mailbox.start(), webhook.start()]);
    lay(folder, {
      'app.log': 'before the start\n',
      'crowsnest.yaml': `
identity: {cluster: test, region: eu-west-1}
collect:
  scrape_interval: 1s
  scrape_timeout: 900ms
  scrape_configs: [{job_name: dial, static_configs: [{targets: ['${target}']}]}]
logs: {files: ['${folder}/*.log']}
alerting: {rule_files: [rules.yaml], routing: alertmanager.yml, playbooks: playbooks}
server: {listen: '127.0.0.1:0'}
`,
      'rules.yaml': `
groups:
  - name: dial
    interval: 1s
    rules:
      - record: dial:doubled
        expr: dial * 2
      - alert: DialHigh
        expr: dial:doubled > 10
        labels: {severity: page, owner: maya}
        annotations: {summary: 'the dial stands at {{ $value }}'}
`,
      'playbooks/DialHigh.md': '# DialHigh\n\nTurn the **dial** back.\n',
      'alertmanager.yml': `
global: {smtp_smarthost: '${smarthost}', smtp_from: crowsnest@example.org, smtp_require_tls: false}
route: {receiver: all, group_by: [alertname], group_wait: 1s, group_interval: 1s}
receivers:
  - name: all
    email_configs: [{to: maya@example.org, send_resolved: true}]
    webhook_configs: [{url: '${hook}'}]
`,
    });
    crowsnest = await Crowsnest.start(folder, ['up', '--config', 'crowsnest.yaml', '--data', 'data']);
  });

  afterAll(async () => {
    await crowsnest?.kill();
    await Promise.all([dial.stop(), mailbox.stop(), webhook.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('answers PromQL with what /proc says', async () => {
    const total = Number(/MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
    expect(await waitFor(async () => (await crowsnest.value('node_memory_MemTotal_bytes')) === total, 10_000)).toBe(
      true,
    );
    const processors = readFileSync('/proc/stat', 'utf8').match(/^cpu\d+/gm)?.length;
    expect(await crowsnest.value('count(node_cpu_seconds_total{mode="idle", cluster="test"})')).toBe(processors);
  });

  test('finds a line two seconds after it was written', async () => {
    appendFileSync(join(folder, 'app.log'), 'a needle was written\n');
    expect(await waitFor(async () => (await crowsnest.logs('needle')).length === 1, 2000)).toBe(true);
  });

  test('a rule that crosses its threshold mails the playbook and calls the webhook; resolved follows', async () => {
    dial.value = 7;
    expect(await waitFor(() => mailbox.mails.length > 0 && webhook.bodies.length > 0, 15_000)).toBe(true);
    const [mail] = mailbox.mails;
    expect(mail.subject).toContain('the dial stands at 14');
    expect(mail.to?.[0].address).toBe('maya@example.org');
    for (const text of [mail.text, mail.html]) {
      expect(text).toContain('playbooks/DialHigh');
      expect(text).toContain('maya');
      expect(text).toContain('eu-west-1');
      expect(text).toContain('dub2');
    }
    expect(mail.html).toContain('Turn the <strong>dial</strong> back.');
    expect(webhook.bodies[0]).toMatchObject({
      version: '4',
      status: 'firing',
      receiver: 'all',
      groupLabels: { alertname: 'DialHigh' },
      alerts: [{ status: 'firing', labels: { alertname: 'DialHigh', zone: 'dub2', severity: 'page' } }],
    });

    dial.value = 1;
    expect(await waitFor(() => webhook.bodies.at(-1)?.status === 'resolved' && mailbox.mails.length > 1, 15_000)).toBe(
      true,
    );
    expect(webhook.bodies.at(-1)?.alerts[0]).toMatchObject({
      status: 'resolved',
      fingerprint: webhook.bodies[0].alerts[0].fingerprint,
    });
    expect(webhook.bodies.filter(({ status }) => status === 'firing')).toHaveLength(1);
  });

  test('shows the playbook, the target, the rule and the delivery', async () => {
    const playbook = await crowsnest.data<{ html: string }>('/api/crowsnest/v1/playbooks/DialHigh');
    expect(playbook.html).toContain('<strong>dial</strong>');
    const { activeTargets } = await crowsnest.data<{ activeTargets: { labels: { job: string }; health: string }[] }>(
      '/api/v1/targets',
    );
    expect(activeTargets.map(({ labels, health }) => `${labels.job} ${health}`).sort()).toEqual([
      'crowsnest up',
      'dial up',
      'node-exporter up',
    ]);
    const deliveries = await crowsnest.data<{ state: string }[]>('/api/crowsnest/v1/deliveries');
    expect(deliveries.map(({ state }) => state)).toEqual(['sent', 'sent', 'sent', 'sent']);
  });

  test('is looked at from the command line', async () => {
    const look = (...args: string[]) => run(folder, [...args, '--url', crowsnest.url]);
    expect((await look('query', 'dial')).out).toMatch(/^SERIES +VALUE\ndial\{.*job="dial".*\} +1\n$/);
    expect(JSON.parse((await look('query', 'dial', '-o', 'json')).out)).toMatchObject({ resultType: 'vector' });
    expect((await look('logs', 'needle')).out).toContain('a needle was written');
    expect((await look('targets')).out).toMatch(/dial +http:\/\/\S+ +up/);
    expect((await look('rules')).out).toMatch(/dial +DialHigh +alerting +inactive/);
    expect((await look('alerts', 'list')).code).toBe(0);
    expect((await look('explain', 'rule', 'DialHigh')).out).toMatch(
      /met by 0 of 1 series\n[^]*why {2}none of the 1 series/,
    );
    expect((await look('explain', 'rule', 'DialHihg')).err).toContain('did you mean "DialHigh"?');
    const wrong = await look('query', 'sum(');
    const shown = '1:5: parse error: unclosed left parenthesis\n  sum(\n      ^\n';
    expect([wrong.code, wrong.err]).toEqual([1, shown]);
  });

  test('stops clean within ten seconds on SIGTERM and comes back with its data', async () => {
    expect(await crowsnest.stop()).toBe(0);
    crowsnest = await Crowsnest.start(folder, ['up', '--config', 'crowsnest.yaml', '--data', 'data']);
    expect(await crowsnest.logs('needle')).toEqual(['a needle was written']);
    expect(await crowsnest.value('max_over_time(dial[10m])')).toBe(7);
  });
});
