import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, waitFor } from '../servers/process.ts';
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
