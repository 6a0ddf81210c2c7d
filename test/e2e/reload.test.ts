import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, waitFor } from '../servers/process.ts';
import { HttpClient } from '../../src/lib/http/client.ts';
import { Crowsnest, lay } from './crowsnest.ts';

const CONFIG = `
log_level: info
collect: {node: {enabled: false}, scrape_interval: 1s, scrape_timeout: 1s}
logs: {files: []}
store: {retention: 15d}
alerting: {rule_files: ['rules/*.yaml']}
`;
const RULES = (name: string) => `groups: [{name: g, interval: 1s, rules: [{record: "${name}", expr: "vector(1)"}]}]\n`;

describe('a running crowsnest takes over a changed configuration', () => {
  const folder = temporaryFolder();
  let crowsnest: Crowsnest;

  beforeAll(async () => {
    lay(folder, { 'c.yaml': CONFIG, 'rules/a.yaml': RULES('first') });
    crowsnest = await Crowsnest.start(folder, [
      'up', '--config', 'c.yaml', '--data', 'data', '--listen', '127.0.0.1:0',
    ]); // prettier-ignore
  });
  afterAll(async () => {
    await crowsnest?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const metric = async (name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await crowsnest.text('/metrics'))?.[1]);
  const successful = () => metric('crowsnest_config_last_reload_successful');
  const loadedAt = () => metric('crowsnest_config_last_reload_success_timestamp_seconds');

  test('SIGHUP does not stop it, and says that the configuration was loaded', async () => {
    expect(await successful()).toBe(1);
    const before = await loadedAt();
    crowsnest.child.kill('SIGHUP');
    expect(await waitFor(async () => (await loadedAt()) > before, 20_000)).toBe(true);
    expect(crowsnest.child.exitCode).toBeNull();
  });

  test('a bad file leaves the old one running and is named by file, line and path', async () => {
    const before = await loadedAt();
    lay(folder, { 'c.yaml': `${CONFIG}collectt: {}\n` });
    expect(await waitFor(async () => (await successful()) === 0, 20_000)).toBe(true);
    expect(crowsnest.output).toMatch(/c\.yaml:7:1 {2}collectt: unknown key; did you mean "collect"\?/);
    expect(await loadedAt()).toBe(before);
    lay(folder, { 'c.yaml': CONFIG });
    expect(await waitFor(async () => (await successful()) === 1, 20_000)).toBe(true);
  });

  test('what only a new process can change refuses the reload as a whole', async () => {
    lay(folder, { 'c.yaml': `data_dir: elsewhere\nidentity: {cluster: new}\n${CONFIG}` });
    expect(await waitFor(async () => (await successful()) === 0, 20_000)).toBe(true);
    expect(crowsnest.output).toMatch(/c\.yaml:2:21 {2}identity\.cluster: changed, which needs a restart/);
    lay(folder, { 'c.yaml': CONFIG });
    expect(await waitFor(async () => (await successful()) === 1, 20_000)).toBe(true);
  });

  test('rules, jobs and log files are taken over while data flows; what did not change goes on', async () => {
    lay(folder, { 'rules/a.yaml': RULES('second'), 'rules/b.yaml': RULES('third') });
    expect(await waitFor(async () => (await crowsnest.value('second + third')) !== undefined, 30_000)).toBe(true);
    lay(folder, { 'app.log': 'already here\n' });
    const config = CONFIG.replace('files: []', `files: ['${folder}/app.log']`).replace(
      'scrape_interval: 1s,',
      `scrape_interval: 1s, scrape_configs: [{job_name: again, static_configs: [{targets: ['${new URL(crowsnest.url).host}']}]}],`,
    );
    lay(folder, { 'c.yaml': config });
    expect(await waitFor(async () => (await crowsnest.value('up{job="again"}')) === 1, 30_000)).toBe(true);
    expect(await waitFor(async () => (await crowsnest.logs('already')).length === 1, 30_000)).toBe(true);
    // The job that stayed was scraped every second all along.
    expect(await crowsnest.value('max(count_over_time(up{job="crowsnest"}[5s]))')).toBeGreaterThanOrEqual(4);
    expect(await successful()).toBe(1);
  });

  test('a rule file with a fault keeps the rules that run', async () => {
    lay(folder, { 'rules/a.yaml': 'groups: [{name: g, rules: [{record: second, expr: "vector("}]}]\n' });
    expect(await waitFor(async () => (await successful()) === 0, 20_000)).toBe(true);
    expect(crowsnest.output).toMatch(/rules\/a\.yaml:1:\d+ .*parse error/);
    expect(await crowsnest.value('second')).toBe(1);
  });
});

describe.each([
  ['up', 'collect: {node: {enabled: false}}\nlogs: {files: []}\n', []],
  ['server', '', []],
  ['alerts', 'alerting: {rule_files: []}\n', ['--query', 'http://127.0.0.1:1']],
] as const)('POST /-/reload of %s', (command, config, flags) => {
  const folder = temporaryFolder();
  const http = new HttpClient();
  const access = `server: {auth: {tokens: [{file: '${folder}/r', access: [read]}, {file: '${folder}/w', access: [write]}]}}\n`;
  let crowsnest: Crowsnest;

  beforeAll(async () => {
    lay(folder, { 'c.yaml': config + access, r: 'reader', w: 'writer' });
    crowsnest = await Crowsnest.start(folder, [
      command, '--config', 'c.yaml', '--data', 'data', '--listen', '127.0.0.1:0', ...flags,
    ]); // prettier-ignore
  });
  afterAll(async () => {
    await crowsnest?.kill();
    http.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(method: 'GET' | 'POST', path: string, token: string) {
    const headers = { authorization: `Bearer ${token}` };
    const { status, body } = await http.request({ url: crowsnest.url + path, method, headers, timeout: 10_000 });
    return { status, body: body.toString() };
  }
  const metrics = async () => (await ask('GET', '/metrics', 'reader')).body;
  const runtime = async () =>
    (JSON.parse((await ask('GET', '/api/v1/status/runtimeinfo', 'reader')).body) as { data: object }).data;

  test('needs the right to write, and takes a good file over', async () => {
    expect((await ask('POST', '/-/reload', 'reader')).status).toBe(403);
    expect((await ask('POST', '/-/reload', 'wrong')).status).toBe(401);
    lay(folder, {
      'c.yaml': `log_level: debug\n${command === 'alerts' ? '' : 'store: {retention: 3d}\n'}${config}${access}`,
    });
    expect(await ask('POST', '/-/reload', 'writer')).toEqual({ status: 200, body: '' });
    expect(await runtime()).toMatchObject({ reloadConfigSuccess: true });
    expect(await metrics()).toMatch(/^crowsnest_config_last_reload_successful 1$/m);
    if (command !== 'alerts')
      expect((await ask('GET', '/api/v1/status/config', 'reader')).body).toContain('retention: 259200000');
  });

  test('says what is wrong with a bad one, which changes nothing', async () => {
    lay(folder, { 'c.yaml': `nonsense: 1\n${config}${access}` });
    const { status, body } = await ask('POST', '/-/reload', 'writer');
    expect(status).toBe(500);
    expect(body).toMatch(/c\.yaml:1:1 {2}nonsense: unknown key/);
    expect(await runtime()).toMatchObject({ reloadConfigSuccess: false });
    expect(await metrics()).toMatch(/^crowsnest_config_last_reload_successful 0$/m);
  });
});
