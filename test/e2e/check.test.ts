import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../servers/process.ts';
import { Crowsnest, lay, run } from './crowsnest.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RULES = 'groups: [{name: g, rules: [{alert: A, expr: "up == 0"}]}]\n';

describe('check refuses what a run would refuse', () => {
  test.each([
    ['a token file that is missing', 'server: {auth: {tokens: [{file: nowhere, access: [read]}]}}', /c\.yaml:1:\d+ {2}server\.auth\.tokens\[0\]\.file: nowhere: no such file or folder/],
    ['a password file that is missing', 'server: {auth: {users: [{username: a, password_file: nowhere, access: [read]}]}}', /users\[0\]\.password_file: nowhere: no such file or folder/],
    ['an empty token file', 'server: {auth: {tokens: [{file: empty, access: [read]}]}}', /tokens\[0\]\.file: empty: is empty/],
    ['a password file of a job', 'collect: {scrape_configs: [{job_name: a, basic_auth: {username: b, password_file: nowhere}}]}', /scrape_configs\[0\]\.basic_auth\.password_file: .*nowhere: no such file/],
    ['a certificate of a destination', 'ship: {metrics: [{url: "http://a", tls_config: {ca_file: nowhere}}]}', /ship\.metrics\[0\]\.tls_config\.ca_file: nowhere: no such file/],
    ['a target with a scheme', 'collect: {scrape_configs: [{job_name: a, static_configs: [{targets: ["http://h:1/metrics"]}]}]}', /targets\[0\].*http:\/\/h:1\/metrics/],
    ['a port beyond 65535', 'server: {listen: "127.0.0.1:99999"}', /server\.listen: expected a port up to 65535/],
    ['an open address without auth', 'server: {listen: "0.0.0.0:0"}', /c\.yaml:1:\d+ {2}server\.listen: .*server\.auth/],
    ['an address of another machine', 'server: {listen: "203.0.113.1:1", insecure: true}', /no network interface of this machine has that address/],
    ['a routing file that is missing', 'alerting: {routing: nowhere.yml}', /c\.yaml:1:\d+ {2}alerting\.routing: .*nowhere\.yml: no such file$/m],
    ['a rule file that is missing', 'alerting: {rule_files: [nowhere.yaml]}', /c\.yaml:1:\d+ {2}alerting\.rule_files\[0\]: nowhere\.yaml: no such file$/m],
    ['a module file that is missing', 'collect: {probe_modules: nowhere.yml}', /c\.yaml:1:\d+ {2}collect\.probe_modules: .*nowhere\.yml: no such file$/m],
    ['a template file with a fault', 'alerting: {routing: am.yml}', /bad\.tmpl/],
    ['a data folder that is a file', 'data_dir: am.yml', /c\.yaml:1:11 {2}data_dir: expected a folder, am\.yml is a file/],
  ])('%s', async (_, text, complaint) => {
    lay(folder, {
      'c.yaml': `${text}\n`,
      'am.yml': 'route: {receiver: a}\nreceivers: [{name: a}]\ntemplates: [bad.tmpl]\n',
      'bad.tmpl': '{{ define "a" }}{{ .Nope',
      empty: '\n',
    });
    const { code, out, err } = await run(folder, ['check', 'c.yaml']);
    expect(err).toMatch(complaint);
    if (err.includes('c.yaml:')) expect(out).not.toContain('c.yaml: good');
    expect(code).toBe(1);
  }); // prettier-ignore
});

describe('a file that is not UTF-8 is refused with the place of the byte', () => {
  const rule = 'groups: [{name: g, rules: [{record: a, expr: 1, labels: {x: "é"}}]}]\n';
  test.each([
    ['a configuration', ['check', 'c.yaml'], 'c.yaml', 'log_level: "é"\n', /c\.yaml:1:13 {2}not UTF-8: byte 0xE9/],
    ['a rule file', ['check', 'r.yaml'], 'r.yaml', rule, /r\.yaml:1:62 {2}not UTF-8: byte 0xE9/],
    ['a rule file of check rules', ['check', 'rules', 'r.yaml'], 'r.yaml', rule, /r\.yaml:1:62.*not UTF-8: byte 0xE9/],
    ['a rule file of a configuration', ['check', 'main.yaml'], 'r.yaml', rule, /r\.yaml:1:62 {2}not UTF-8: byte 0xE9/],
    ['a routing file', ['check', 'am.yml'], 'am.yml', '# é\nroute: {receiver: a}\nreceivers: [{name: a}]\n', /am\.yml:1:3 {2}not UTF-8: byte 0xE9/],
    ['a template file', ['check', 'am2.yml'], 'one.tmpl', '{{ define "a" }}é{{ end }}', /one\.tmpl:1:17 {2}not UTF-8: byte 0xE9/],
    ['a prometheus.yml', ['check', 'p.yml'], 'p.yml', 'scrape_configs: [{job_name: é}]\n', /p\.yml:1:29 {2}not UTF-8: byte 0xE9/],
  ])('%s', async (_, command, file, content, complaint) => {
    const own = temporaryFolder();
    lay(own, {
      'main.yaml': 'alerting: {rule_files: [r.yaml]}\n',
      'am2.yml': 'route: {receiver: a}\nreceivers: [{name: a}]\ntemplates: [one.tmpl]\n',
    });
    writeFileSync(join(own, file), content, 'latin1');
    const { code, out, err } = await run(own, command);
    expect(`${out}${err}`).toMatch(complaint);
    expect(code).not.toBe(0);
    rmSync(own, { recursive: true, force: true });
  }); // prettier-ignore
});

test('recording rules beside alerting.query, without ship.metrics, are refused for alerts and a warning for others', async () => {
  const config = "alerting: {query: {url: 'http://127.0.0.1:1'}, rule_files: [recording.yaml]}\n";
  lay(folder, {
    'q.yaml': config,
    'shipped.yaml': `${config}ship: {metrics: [{url: 'http://127.0.0.1:1'}]}\n`,
    'recording.yaml': 'groups: [{name: g, rules: [{record: r, expr: up}]}]\n',
  });
  const complaint = /recording\.yaml:1\b.*the recording rule r has no place to write to: set ship\.metrics/;
  const forAlerts = await run(folder, ['check', '--for', 'alerts', 'q.yaml']);
  expect([forAlerts.code, forAlerts.err]).toEqual([1, expect.stringMatching(complaint)]);
  const forAny = await run(folder, ['check', 'q.yaml']);
  expect([forAny.code, forAny.out]).toEqual([0, expect.stringMatching(complaint)]);
  expect(forAny.out).toContain('(`alerts` refuses it; up, agent, cluster, server do not)');
  const forUp = await run(folder, ['check', '--for', 'up', 'q.yaml']);
  expect([forUp.code, forUp.out]).toEqual([0, expect.not.stringMatching(complaint)]);
  expect((await run(folder, ['check', '--for', 'alerts', 'shipped.yaml'])).code).toBe(0);
});

test('a kubeconfig that is missing is refused for cluster and a warning for others', async () => {
  lay(folder, { 'k.yaml': 'cluster: {kubeconfig: nowhere}\n', 'none.yaml': '{}\n' });
  const complaint = /k\.yaml:1:\d+ {2}cluster\.kubeconfig: .*nowhere\b.*: no such file or folder/;
  const forAny = await run(folder, ['check', 'k.yaml']);
  expect([forAny.code, forAny.out]).toEqual([0, expect.stringMatching(complaint)]);
  const forCluster = await run(folder, ['check', '--for', 'cluster', 'k.yaml']);
  expect([forCluster.code, forCluster.err]).toEqual([1, expect.stringMatching(complaint)]);
  const outside = await run(folder, ['check', '--for', 'cluster', 'none.yaml']);
  expect([outside.code, outside.err]).toEqual([1, expect.stringMatching(/cluster\.kubeconfig: .*/)]);
});

test('what runs on a node of Kubernetes only is refused for the commands that collect, where no node is named', async () => {
  const complaint =
    /c\.yaml:1:\d+ {2}collect\.pods\.enabled: expected false or auto: the name of this node is not known/;
  lay(folder, {
    'c.yaml': 'collect: {pods: {enabled: true}}\n',
    'named.yaml': 'collect: {pods: {enabled: true}}\nkubernetes: {node: n1}\n',
  });
  const forUp = await run(folder, ['check', '--for', 'up', 'c.yaml']);
  expect([forUp.code, forUp.err]).toEqual([1, expect.stringMatching(complaint)]);
  const forAny = await run(folder, ['check', 'c.yaml']);
  expect([forAny.code, forAny.out]).toEqual([0, expect.stringMatching(complaint)]);
  expect(forAny.out).toContain('(`up` refuses it; cluster, alerts, server do not)');
  expect((await run(folder, ['check', '--for', 'server', 'c.yaml'])).code).toBe(0);
  expect((await run(folder, ['check', '--for', 'up', 'named.yaml'])).code).toBe(0);
});

test.each([
  ['agent', '--for agent', /ship: agent ships elsewhere/],
  ['alerts', '--for alerts', /alerting\.query: alerts evaluates on a Prometheus API/],
  ['a data folder below a file', '', /data_dir: expected a folder, .*c\.yaml is a file/],
])('check names what %s lacks', async (name, flag, complaint) => {
  lay(folder, { 'c.yaml': name.startsWith('a data') ? 'data_dir: c.yaml/d\n' : '' });
  const { code, err } = await run(folder, ['check', ...flag.split(' ').filter(Boolean), 'c.yaml']);
  expect([code, err]).toEqual([1, expect.stringMatching(complaint)]);
});

test('a pattern of templates that matches nothing is a warning', async () => {
  lay(folder, {
    'c.yaml': 'alerting: {routing: am.yml}\n',
    'am.yml': "route: {receiver: a}\nreceivers: [{name: a}]\ntemplates: ['none/*.tmpl']\n",
  });
  for (const file of ['c.yaml', 'am.yml']) {
    const { code, out } = await run(folder, ['check', file]);
    expect([code, out]).toEqual([0, expect.stringMatching(/! .*am\.yml: templates: nothing matches none\/\*\.tmpl/)]);
  }
});

describe('a pattern that matches nothing', () => {
  const CONFIG = `alerting: {rule_files: ['nope/*.yaml'], playbooks: nobook}
logs: {files: ['${join(folder, 'none')}/*.log']}
collect: {scrape_config_files: ['nope/*.yml'], node: {enabled: false}}
`;

  test('is a warning of check', async () => {
    lay(folder, { 'c.yaml': CONFIG, 'nope/x': '' });
    const { code, out } = await run(folder, ['check', 'c.yaml']);
    expect(out).toMatch(/! alerting\.rule_files: nothing matches nope\/\*\.yaml/);
    expect(out).toMatch(/! alerting\.playbooks: nothing matches nobook/);
    expect(out).toMatch(/! logs\.files: nothing matches .*none\/\*\.log/);
    expect(out).toMatch(/! collect\.scrape_config_files: nothing matches nope\/\*\.yml/);
    expect(code).toBe(0);
  });

  test('is a warning of a start', async () => {
    lay(folder, { 'c.yaml': CONFIG, 'nope/x': '' });
    const up = await Crowsnest.start(folder, ['up', '--config', 'c.yaml', '--data', 'd', '--listen', '127.0.0.1:0']);
    await expect.poll(() => up.output, { timeout: 20_000 }).toMatch(/! alerting\.rule_files: nothing matches nope/);
    await up.stop();
  });
});

test('a refused rule file is not followed by a tick at the rules', async () => {
  lay(folder, {
    'c.yaml': 'alerting: {rule_files: [r.yaml]}\n',
    'r.yaml': 'groups: [{name: g, rules: [{alert: A, expr: "up =="}]}]\n',
  });
  const up = await Crowsnest.start(folder, ['up', '--config', 'c.yaml', '--data', 'd', '--listen', '127.0.0.1:0']);
  expect(up.output).toMatch(/! rules .*1 rule file refused/);
  expect(up.output).not.toMatch(/✓ rules/);
  await up.stop();
});

describe('other files are told by their content', () => {
  test.each([
    ['am.yml', 'route: {receiver: a}\nreceivers: [{name: a}]\n', 0, /am\.yml: a routing file, 1 receivers/],
    ['am.yml', 'route: {receiver: b}\nreceivers: [{name: a}]\n', 1, /am\.yml:1:\d+ .*b/],
    ['prometheus.yml', 'global: {scrape_interval: 5s}\nscrape_configs: [{job_name: a}]\n', 0, /a prometheus\.yml, 1 jobs/],
    ['prometheus.yml', 'scrape_configs: [{job_name: a, scheme: gopher}]\n', 1, /prometheus\.yml:1:\d+ .*gopher/],
    ['rules.yml', RULES, 0, /rules\.yml: a rule file, 1 rules/],
    ['rules.yml', 'groups: [{name: g, rules: [{alert: A, expr: "up =="}]}]\n', 1, /rules\.yml:1:\d+ .*parse error/],
    ['x.test.yml', 'rule_files: [a]\ntests: []\n', 1, /crowsnest test rules x\.test\.yml/],
    ['c.yaml', 'stoer: {}\n', 1, /unknown key; did you mean "store"/],
  ])('%s %j ends with %d', async (name, text, code, words) => {
    lay(folder, { [name]: text });
    const done = await run(folder, ['check', name]);
    expect(`${done.out}${done.err}`).toMatch(words);
    expect(done.code).toBe(code);
  }); // prettier-ignore
});
