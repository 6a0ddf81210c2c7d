import { rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, waitFor } from '../servers/process.ts';
import { Crowsnest, lay, run } from './crowsnest.ts';

const COMMON = ['--data', 'data', '--listen', '127.0.0.1:0'];

describe('commands that look, against an agent', () => {
  const folder = temporaryFolder();
  let agent: Crowsnest;

  beforeAll(async () => {
    lay(folder, {
      'app.log': 'one\n',
      token: 'let-me-look\n',
      'page.yaml': `
collect: {node: {enabled: false}, scrape_configs: [{job_name: none, static_configs: [{targets: ['127.0.0.1:1']}]}]}
logs: {files: ['${folder}/app.log']}
ship: {metrics: [{url: 'http://127.0.0.1:1/w'}], logs: [{elasticsearch: ['http://127.0.0.1:1']}]}
`,
      'auth.yaml': `
collect: {node: {enabled: false}}
ship: {metrics: [{url: 'http://127.0.0.1:1/w'}]}
server: {auth: {tokens: [{file: '${folder}/token', access: [read]}]}}
`,
    });
    agent = await Crowsnest.start(folder, ['agent', '--config', 'page.yaml', ...COMMON]);
  });
  afterAll(async () => {
    await agent?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test('targets are listed with the last error of each', async () => {
    const targets = () => run(folder, ['targets', '--url', agent.url]);
    expect(await waitFor(async () => /none .*down/.test((await targets()).out), 20_000)).toBe(true);
    expect((await targets()).out).toMatch(/http:\/\/127\.0\.0\.1:1\/metrics +down .*ECONNREFUSED/);
    const data = await agent.data<object>('/api/v1/targets');
    expect(Object.keys(data)).toEqual(['activeTargets', 'droppedTargets', 'droppedTargetCounts']);
  });

  test('log files and status are there', async () => {
    expect((await run(folder, ['logs', '--files', '--url', agent.url])).out).toMatch(/app\.log +following/);
    const { pipelines } = await agent.data<{ pipelines: { name: string; state: string }[] }>(
      '/api/crowsnest/v1/status',
    );
    expect(pipelines.map(({ name }) => name)).toContain('logs');
  });

  test('what an agent does not have is refused by a sentence', async () => {
    for (const command of [['rules'], ['alerts', 'list'], ['logs'], ['query', 'up']]) {
      const { code, err } = await run(folder, [...command, '--url', agent.url]);
      expect(code, command.join(' ')).toBe(1);
      expect(err).toContain('an agent serves /metrics');
    }
  });

  test('an agent with server.auth shows its targets to a token only, its health to all', async () => {
    const closed = await Crowsnest.start(folder, [
      'agent', '--config', 'auth.yaml', '--data', 'data2', '--listen', '127.0.0.1:0',
    ]); // prettier-ignore
    try {
      expect((await run(folder, ['targets', '--url', closed.url])).err).toContain('a token or a user with access read');
      expect((await run(folder, ['targets', '--url', closed.url, '--token-file', 'token'])).code).toBe(0);
      expect(await closed.text('/-/healthy')).toBe('ok\n');
    } finally {
      await closed.kill();
    }
  });
});

describe('commands that look, against alerts', () => {
  const folder = temporaryFolder();
  const prometheus = http.createServer((_, response) => {
    const sample = { metric: { job: 'shop' }, value: [Date.now() / 1000, '0'] };
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [sample] } }));
  });
  let alerts: Crowsnest;

  beforeAll(async () => {
    await new Promise<void>((resolve) => prometheus.listen(0, '127.0.0.1', resolve));
    const { port } = prometheus.address() as AddressInfo;
    lay(folder, {
      'c.yaml': `alerting: {query: {url: 'http://127.0.0.1:${port}'}, rule_files: [r.yaml]}\n`,
      'r.yaml': 'groups: [{name: g, interval: 1s, rules: [{alert: Gone, expr: up == 0, labels: {severity: page}}]}]\n',
    });
    alerts = await Crowsnest.start(folder, ['alerts', '--config', 'c.yaml', ...COMMON]);
  });
  afterAll(async () => {
    await alerts?.kill();
    prometheus.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('rules and alerts are listed, and the links of a page lead to its own console', async () => {
    expect(await waitFor(async () => (await alerts.alerts()).length === 1, 20_000)).toBe(true);
    expect((await run(folder, ['rules', '--url', alerts.url])).out).toMatch(/Gone +alerting +firing/);
    const listed = await run(folder, ['alerts', 'list', '--url', alerts.url]);
    expect([listed.code, listed.out]).toEqual([1, expect.stringMatching(/Gone +firing/)]);
    const [alert] = await alerts.data<{ generatorURL: string }[]>('/api/crowsnest/v1/alerts');
    expect(alert.generatorURL).toContain(alerts.url);
    for (const path of ['notifications', 'deliveries', 'status'])
      expect(await alerts.data(`/api/crowsnest/v1/${path}`)).toBeDefined();
    expect(await alerts.data('/api/v1/status/config')).toBeDefined();
  });

  test.each([
    [['targets'], 'no scraping'],
    [['logs', '--files'], 'no store of logs'],
    [['query', 'up'], 'no store of series'],
  ])('%j is refused by a sentence', async (command, sentence) => {
    const { code, err } = await run(folder, [...command, '--url', alerts.url]);
    expect([code, err]).toEqual([1, expect.stringContaining(`this crowsnest has ${sentence}`)]);
  });
});
