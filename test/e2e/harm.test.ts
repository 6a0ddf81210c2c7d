import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, waitFor } from '../servers/process.ts';
import { Crowsnest, lay } from './crowsnest.ts';

/** A server whose pages misbehave, each in its own way. */
const bad = http.createServer((request, response) => {
  switch (request.url) {
    case '/hangs':
      return;
    case '/garbage':
      response.end(Buffer.from('<html>\u0000\u0001 not a page of metrics {{{'));
      return;
    case '/huge': {
      const chunk = Buffer.from('some_metric{a="b"} 1\n'.repeat(50_000));
      let left = 200;
      const more = () => (left-- > 0 && !response.destroyed ? response.write(chunk, more) : response.end());
      more();
      return;
    }
    default:
      response.end('fine 1\nbroken line here oops\n');
  }
});

describe('what is broken harms only itself', () => {
  const folder = temporaryFolder();
  const log = join(folder, 'app.log');
  let crowsnest: Crowsnest;

  beforeAll(async () => {
    await new Promise<void>((resolve) => bad.listen(0, '127.0.0.1', resolve));
    const target = `127.0.0.1:${(bad.address() as AddressInfo).port}`;
    const jobs = ['hangs', 'garbage', 'huge', 'fine'].map(
      (name) =>
        `{job_name: ${name}, metrics_path: /${name}, body_size_limit: 1MB, static_configs: [{targets: ['${target}']}]}`,
    );
    lay(folder, {
      'app.log': 'first\n',
      'binary.log': Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 256)),
      'crowsnest.yaml': `
collect: {scrape_interval: 1s, scrape_timeout: 800ms, scrape_configs: [${jobs.join(', ')}]}
logs: {files: ['${folder}/*.log', '${folder}/*.log.1'], read_from: beginning, rotate_wait: 1s}
alerting: {rule_files: ['rules/*.yaml']}
server: {listen: '127.0.0.1:0'}
`,
      'rules/good.yaml': 'groups: [{name: good, interval: 1s, rules: [{record: good, expr: vector(1)}]}]\n',
      'rules/typo.yaml': 'groups:\n  - name: typo\n    rules:\n      - record: bad\n        expr: sum(((up)\n',
      'rules/fails.yaml':
        'groups: [{name: fails, interval: 1s, rules: [{record: x, expr: "up * on () up"}, {record: after, expr: vector(2)}]}]\n',
    });
    crowsnest = await Crowsnest.start(folder, ['up', '--config', 'crowsnest.yaml', '--data', 'data']);
  });

  afterAll(async () => {
    await crowsnest?.kill();
    bad.closeAllConnections();
    bad.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('targets that hang, send garbage or 200 MB are down with their reason; the others are up', async () => {
    expect(
      await waitFor(
        async () => (await crowsnest.value('count(up == 0)')) === 3 && (await crowsnest.value('fine')) === 1,
        20_000,
      ),
    ).toBe(true);
    const { activeTargets } = await crowsnest.data<{
      activeTargets: { labels: { job: string }; health: string; lastError: string }[];
    }>('/api/v1/targets');
    const errors = Object.fromEntries(
      activeTargets.map(({ labels, health, lastError }) => [labels.job, `${health} ${lastError}`]),
    );
    expect(errors.hangs).toMatch(/^down .*(800 ms|time)/);
    expect(errors.garbage).toMatch(/^down .+/);
    expect(errors.huge).toMatch(/^down .*(longer|larger|limit)/);
    expect(errors.fine).toMatch(/^up/);
    expect(await crowsnest.value('node_load1')).toBeGreaterThanOrEqual(0);
    expect(await crowsnest.text('/metrics')).toMatch(
      /crowsnest_scrape_lines_broken_total\{job="fine",reason="[a-z_]+"\} [1-9]/,
    );
  });

  test('a rule file with a typo is left out and named by file, line and place; a rule that fails does not stop the next', async () => {
    expect(
      await waitFor(
        async () => (await crowsnest.value('good')) === 1 && (await crowsnest.value('after')) === 2,
        10_000,
      ),
    ).toBe(true);
    expect(crowsnest.output).toMatch(/typo\.yaml:5:15 .*parse error/);
    const { groups } = await crowsnest.data<{
      groups: { name: string; rules: { name: string; health: string; lastError?: string }[] }[];
    }>('/api/v1/rules');
    expect(groups.map(({ name }) => name).sort()).toEqual(['fails', 'good']);
    expect(groups.find(({ name }) => name === 'fails')?.rules[0]).toMatchObject({
      health: 'err',
      lastError: expect.stringContaining('many-to-many') as string,
    });
  });

  test('a binary file is skipped with its reason, and each fault is logged once', async () => {
    const files =
      await crowsnest.data<{ path: string; state: string; reason: string }[]>('/api/crowsnest/v1/logs/files');
    expect(files.find(({ path }) => path.endsWith('binary.log'))).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('binary') as string,
    });
    const own = readFileSync(join(folder, 'data', 'log', 'crowsnest.log'), 'utf8').split('\n');
    for (const name of ['/hangs', '/garbage', 'binary.log', 'typo.yaml']) {
      expect(
        own.filter((line) => line.includes(name)),
        name,
      ).toHaveLength(1);
    }
  });

  test('lines survive rotation by rename and by copy and truncate, and the end of a removed file', async () => {
    for (let i = 0; i < 1000; i++) appendFileSync(log, `rename ${i}\n`);
    renameSync(log, `${log}.1`);
    appendFileSync(`${log}.1`, 'rename last words\n');
    writeFileSync(log, 'rename new file\n');
    expect(await waitFor(async () => (await crowsnest.logs('rename')).length === 1002, 10_000)).toBe(true);

    copyFileSync(log, join(folder, 'copy-of-app'));
    truncateSync(log);
    appendFileSync(log, 'after the truncation\n');
    expect(await waitFor(async () => (await crowsnest.logs('truncation')).length === 1, 10_000)).toBe(true);

    const gone = join(folder, 'gone.log');
    writeFileSync(gone, 'vanishing act\n');
    expect(await waitFor(async () => (await crowsnest.logs('vanishing')).length === 1, 10_000)).toBe(true);
    rmSync(gone);
    expect((await crowsnest.logs('rename')).length).toBe(1002);
  });

  test('a line of 20 MB is cut and marked, and the next line is whole', async () => {
    appendFileSync(log, `huge ${'x'.repeat(20 * 1024 * 1024)}\nafter the huge line\n`);
    expect(await waitFor(async () => (await crowsnest.logs('"after the huge line"')).length === 1, 15_000)).toBe(true);
    const [cut] = await crowsnest.logs('"huge xxx"', 1);
    expect(cut.length).toBeLessThanOrEqual(1024 * 1024);
    expect(await crowsnest.text('/metrics')).toMatch(/crowsnest_log_lines_marked_total\{mark="truncated"\} 1/);
  });
});
