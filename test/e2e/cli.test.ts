import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../servers/process.ts';
import { Crowsnest, lay, run } from './crowsnest.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('wrong configuration is named by file, line, path, value and what was expected', () => {
  test.each([
    ['collect: {kublet: {}}', 'c.yaml:1:11  collect.kublet: unknown key'],
    ['server:\n  listen: nonsense', 'c.yaml:2:11  server.listen: expected host:port, not "nonsense"'],
    [
      'store:\n  retention: 15 days',
      'c.yaml:2:14  store.retention: expected a duration such as 30s or 1h30m, not "15 days"',
    ],
    [
      'collect:\n  scrape_configs:\n    - job_name: a\n      scrape_intervall: 5s',
      'c.yaml:4:7  collect.scrape_configs[0].scrape_intervall: unknown key; did you mean "scrape_interval"?',
    ],
    [
      'collect:\n  scrape_configs:\n    - job_name: a\n      kubernetes_sd_configs: [{role: pod}]',
      'a key of Prometheus, not supported yet',
    ],
    [
      'collect:\n  scrape_configs:\n    - job_name: a\n      relabel_configs: [{regex: "(", action: keep}]',
      /c\.yaml:4:\d+ {2}collect\.scrape_configs\[0\]\.relabel_configs\[0\]/,
    ],
    ['ship:\n  metrics: [{url: "ftp://x"}]', /c\.yaml:2:\d+ {2}ship\.metrics\[0\]\.url: .*not "ftp:\/\/x"/],
    ['identity: [a]', 'c.yaml:1:11  identity: expected object, not ["a"]'],
    ['server: {listen: "${NO_SUCH_VARIABLE}"}', 'server.listen: environment variable NO_SUCH_VARIABLE is not set'],
    ['a: [', 'c.yaml:1:5  Flow sequence'],
  ])('%j', (text, complaint) => {
    lay(folder, { 'c.yaml': text });
    const { code, err } = run(folder, ['check', 'c.yaml']);
    expect(err).toMatch(
      typeof complaint === 'string' ? new RegExp(complaint.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')) : complaint,
    );
    expect(code).toBe(1);
  });

  test('a run refuses it in the same words', () => {
    lay(folder, { 'c.yaml': 'stoer: {}' });
    const { code, err } = run(folder, ['up', '--config', 'c.yaml']);
    expect(err).toContain('c.yaml:1:1  stoer: unknown key; did you mean "store"?');
    expect(code).toBe(1);
  });

  test('rule files and routing are judged too', () => {
    lay(folder, {
      'c.yaml': 'alerting: {rule_files: [r.yaml], routing: am.yml}',
      'r.yaml': 'groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up ==\n',
      'am.yml': 'route: {receiver: nobody}\nreceivers: [{name: somebody}]\n',
    });
    const { code, err } = run(folder, ['check', 'c.yaml']);
    expect(err).toMatch(/r\.yaml:5:15 .*parse error: unexpected end of input/);
    expect(err).toMatch(/am\.yml:1:\d+ .*nobody/);
    expect(code).toBe(1);
  });

  test('what is right is said, file by file', () => {
    lay(folder, { 'c.yaml': 'identity: {cluster: a}' });
    const { code, out } = run(folder, ['check', 'c.yaml']);
    expect(out).toMatch(/c\.yaml: good[\s\S]*node\.yaml: 10 rules[\s\S]*playbooks/);
    expect(code).toBe(0);
  });
});

describe('a run that cannot begin says why and ends at once', () => {
  test('the port is taken, or the data are in use', async () => {
    const crowsnest = await Crowsnest.start(folder, ['up', '--data', 'data', '--listen', '127.0.0.1:0']);
    const taken = run(folder, ['up', '--data', 'other', '--listen', new URL(crowsnest.url).host]);
    expect(taken.err).toMatch(/EADDRINUSE.*--listen host:port/);
    expect(taken.err).not.toContain('at ');
    const inUse = run(folder, ['up', '--data', 'data', '--listen', '127.0.0.1:0']);
    expect(inUse.err).toMatch(/data\/store/);
    const open = run(folder, ['up', '--data', 'third', '--listen', '0.0.0.0:0']);
    expect(open.err).toMatch(/server\.auth/);
    expect([taken.code, inUse.code, open.code]).toEqual([1, 1, 1]);
    await crowsnest.stop();
  });
});

describe('the command line', () => {
  test.each([
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
    [['--help'], 0, /Exit codes: 0 fine/],
    [['up', '--help'], 0, /Examples:\n {2}\$ crowsnest up/],
    [['promql', 'check', 'rate(up[5m])'], 0, /^instant vector\n$/],
    [['promql', 'format', 'sum(rate(x[5m]))by(a)'], 0, /^sum by \(a\) \(rate\(x\[5m\]\)\)\n$/],
    [['completion', 'bash'], 0, /complete -o default -F _crowsnest crowsnest/],
    [['completion', 'fish'], 0, /complete -c crowsnest .*-a logs/],
    [['config', 'show', '-o', 'json'], 0, /"retention": 1296000000/],
  ])('crowsnest %j ends with %d', (args, code, out) => {
    const done = run(folder, args);
    expect(done.out).toMatch(out);
    expect(done.code).toBe(code);
  });

  test.each([
    [['upp'], 2, /unknown command 'upp'[\s\S]*up/],
    [['query'], 2, /missing required argument 'expr'/],
    [['completion', 'tcsh'], 2, /expected bash, zsh or fish, not "tcsh"/],
    [['agent'], 2, /name a place with --remote-write or --elasticsearch/],
    [['alerts'], 2, /--query URL[\s\S]*alerts list/],
    [['cluster'], 1, /not built yet/],
    [['query', 'up', '--url', 'http://127.0.0.1:1'], 3, /ECONNREFUSED[\s\S]*CROWSNEST_URL/],
    [
      ['promql', 'check', 'rate(up)'],
      1,
      /expected type range vector in call to function "rate", got instant vector[\s\S]*\^/,
    ],
    [['promql', 'check', 'rat(up[5m])'], 1, /unknown function with name "rat"[\s\S]*did you mean "rate"\?/],
    [['up', '--scrape', 'not a url'], 1, /--scrape: expected a URL/],
  ])('crowsnest %j ends with %d and says why', (args, code, err) => {
    const done = run(folder, args);
    expect(done.err).toMatch(err);
    expect(done.code).toBe(code);
  });
});
