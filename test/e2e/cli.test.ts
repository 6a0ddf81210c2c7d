import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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
      'collect:\n  scrape_configs:\n    - job_name: a\n      consul_sd_configs: [{server: c}]',
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
  ])('%j', async (text, complaint) => {
    lay(folder, { 'c.yaml': text });
    const { code, err } = await run(folder, ['check', 'c.yaml']);
    expect(err).toMatch(
      typeof complaint === 'string' ? new RegExp(complaint.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')) : complaint,
    );
    expect(code).toBe(1);
  });

  test('a run refuses it in the same words', async () => {
    lay(folder, { 'c.yaml': 'stoer: {}' });
    const { code, err } = await run(folder, ['up', '--config', 'c.yaml']);
    expect(err).toContain('c.yaml:1:1  stoer: unknown key; did you mean "store"?');
    expect(code).toBe(1);
  });

  test('rule files and routing are judged too', async () => {
    lay(folder, {
      'c.yaml': 'alerting: {rule_files: [r.yaml], routing: am.yml}',
      'r.yaml': 'groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up ==\n',
      'am.yml': 'route: {receiver: nobody}\nreceivers: [{name: somebody}]\n',
    });
    const { code, err } = await run(folder, ['check', 'c.yaml']);
    expect(err).toMatch(/r\.yaml:5:15 .*parse error: unexpected end of input/);
    expect(err).toMatch(/am\.yml:1:\d+ .*nobody/);
    expect(code).toBe(1);
  });

  test('what is right is said, file by file', async () => {
    lay(folder, { 'c.yaml': 'identity: {cluster: a}' });
    const { code, out } = await run(folder, ['check', 'c.yaml']);
    expect(out).toMatch(/c\.yaml: good[\s\S]*node\.yaml: 10 rules[\s\S]*playbooks/);
    expect(code).toBe(0);
  });
});

describe('a run that cannot begin says why and ends at once', () => {
  test('the port is taken, or the data are in use', async () => {
    const crowsnest = await Crowsnest.start(folder, ['up', '--data', 'data', '--listen', '127.0.0.1:0']);
    const taken = await run(folder, ['up', '--data', 'other', '--listen', new URL(crowsnest.url).host]);
    expect(taken.err).toMatch(/EADDRINUSE.*--listen host:port/);
    expect(taken.err).not.toContain('at ');
    const inUse = await run(folder, ['up', '--data', 'data', '--listen', '127.0.0.1:0']);
    expect(inUse.err).toMatch(/data\/store/);
    const open = await run(folder, ['up', '--data', 'third', '--listen', '0.0.0.0:0']);
    expect(open.err).toMatch(/server\.auth/);
    expect([taken.code, inUse.code, open.code]).toEqual([1, 1, 1]);
    await crowsnest.stop();
  });
});

describe('the command line', () => {
  test.each([
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
    [['-v'], 0, /^\d+\.\d+\.\d+\n$/],
    [['help'], 0, /Exit codes: 0 fine/],
    [['help', 'logs'], 0, /search the logs/],
    [['--help'], 0, /Exit codes: 0 fine/],
    [['up', '--help'], 0, /Examples:\n {2}\$ crowsnest up/],
    [['promql', 'check', 'rate(up[5m])'], 0, /^instant vector\n$/],
    [['promql', 'format', 'sum(rate(x[5m]))by(a)'], 0, /^sum by \(a\) \(rate\(x\[5m\]\)\)\n$/],
    [['completion', 'bash'], 0, /complete -o default -F _crowsnest crowsnest/],
    [['completion', 'fish'], 0, /complete -c crowsnest .*-a logs/],
    [['config', 'show', '-o', 'json'], 0, /"retention": "15d"/],
  ])('crowsnest %j ends with %d', async (args, code, out) => {
    const done = await run(folder, args);
    expect(done.out).toMatch(out);
    expect(done.code).toBe(code);
  });

  test.each([
    [['upp'], 2, /unknown command 'upp'[\s\S]*up/],
    [['query'], 2, /missing required argument 'expr'/],
    [['completion', 'tcsh'], 2, /expected bash, zsh or fish, not "tcsh"/],
    [['agent'], 2, /name a place with --remote-write or --elasticsearch/],
    [['alerts'], 2, /--query URL[\s\S]*alerts list/],
    [['cluster'], 1, /not in a pod[\s\S]*name a kubeconfig/],
    [['query', 'up', '--url', 'http://127.0.0.1:1'], 3, /ECONNREFUSED[\s\S]*CROWSNEST_URL/],
    [
      ['promql', 'check', 'rate(up)'],
      1,
      /expected type range vector in call to function "rate", got instant vector[\s\S]*\^/,
    ],
    [['promql', 'check', 'rat(up[5m])'], 1, /unknown function with name "rat"[\s\S]*did you mean "rate"\?/],
    [['store', 'stat', '--data', 'nowhere'], 1, /no store in .*nowhere\/store; --data or --config/],
    [['up', '--scrape', 'not a url'], 2, /--scrape: expected a URL such as .*, not "not a url"/],
    [['up', '--scrape', 'localhost:8080'], 2, /--scrape: expected a URL such as .*, not "localhost:8080"/],
    [['up', '--listen', 'localhost:99999'], 2, /--listen: expected host:port with a port up to 65535/],
    [['agent', '--remote-write', 'mimir'], 2, /--remote-write: expected a URL/],
    [['agent', '--elasticsearch', 'ftp://es'], 2, /--elasticsearch: expected a URL/],
    [['alerts', '--query', 'mimir'], 2, /--query: expected a URL/],
    [['logs', '-n', '100000'], 2, /expected a number from 1 to 5000/],
    [['logs', '-n', 'many'], 2, /expected a number from 1 to 5000/],
    [['logs', '--since', 'yesterday'], 2, /expected a duration such as 15m/],
    [['query', 'up', '--step', 'wide'], 2, /expected a duration such as 15s, or seconds/],
    [['query', 'up', '--at', 'noon'], 2, /expected a time such as/],
    [['query', 'up', '--url', 'nonsense'], 2, /expected a URL such as/],
    [['query', 'up', '--token-file', 'nowhere'], 2, /^--token-file nowhere: no such file or folder$/m],
    [['config', 'show', '-o', 'xml'], 2, /Allowed choices are yaml, json/],
    [['up', '--config', 'nowhere.yaml'], 2, /nowhere\.yaml {2}no such file or folder/],
    [['config', 'show', '--config', 'nowhere.yaml'], 2, /nowhere\.yaml {2}no such file or folder/],
    [['check', 'nowhere.yaml'], 2, /nowhere\.yaml {2}no such file or folder/],
    [['check', '.'], 2, /is a folder, expected a file/],
    [['up', '--data', '/etc/hostname'], 1, /^\/etc\/hostname: is a file, expected a folder$/m],
  ])('crowsnest %j ends with %d and says why', async (args, code, err) => {
    const done = await run(folder, args);
    expect(done.err).toMatch(err);
    expect(done.code).toBe(code);
  });
});

describe('check rules and test rules in a pipeline', () => {
  const DUPLICATE = 'groups: [{name: g, rules: [{record: a, expr: "1"}, {record: a, expr: "1"}]}]\n';
  const BROKEN = 'groups:\n  - name: g\n    rules:\n      - {record: a, expr: "sum("}\n';
  const TEST = (value: number) =>
    `rule_files: [dup.yml]\ntests: [{name: t, promql_expr_test: [{expr: vector(1), exp_samples: [{value: ${value}}]}]}]\n`;

  test.each([
    ['check rules dup.yml', 0, /lint error 1 duplicate rule/],
    ['check rules --lint-fatal dup.yml', 3, /lint error 1 duplicate rule/],
    ['check rules --lint none --lint-fatal dup.yml', 0, /SUCCESS: 2 rules found/],
    ['check rules --lint all,none --lint-fatal dup.yml', 3, /lint error/],
    [
      'check rules --lint-fatal dup.yml broken.yml',
      1,
      /broken\.yml:4:27 .*could not parse expression: 1:5: parse error/,
    ],
    ['check rules --github broken.yml', 1, /^::error file=broken\.yml,line=4,col=27::.*parse error/m],
    ['check rules --github dup.yml', 0, /^::warning file=dup\.yml,line=1::duplicate of the rule in line 1: a$/m],
    ['check rules nothing.yml', 1, /nothing\.yml .*no such file or folder/],
    ['check rules .', 1, /\. .*is a folder, expected a file/],
    ['test rules good.test.yml', 0, /good\.test\.yml\n {2}SUCCESS/],
    ['test rules good.test.yml bad.test.yml', 1, /SUCCESS[^]*FAILED[^]*exp: \{\} 2E\+00/],
    ['test rules --run nothing bad.test.yml', 0, /SUCCESS/],
    ['test rules --run ^(?i:T)$ bad.test.yml', 1, /FAILED/],
    ['test rules --github bad.test.yml', 1, /^::error file=bad\.test\.yml,line=2::expr: "vector\(1\)"/m],
    ['test rules nothing.yml', 1, /nothing\.yml: no such file or folder/],
  ])('%s ends with %d', async (command, code, words) => {
    lay(folder, { 'dup.yml': DUPLICATE, 'broken.yml': BROKEN, 'good.test.yml': TEST(1), 'bad.test.yml': TEST(2) });
    const done = await run(folder, command.split(' '));
    expect(`${done.out}${done.err}`).toMatch(words);
    expect(done.code).toBe(code);
  });

  test('rules come by standard input where no file is named', async () => {
    const done = await run(folder, ['check', 'rules', '--lint-fatal'], DUPLICATE);
    expect(done.out).toMatch(/^Checking standard input\n {2}FAILED:\nlint error/);
    expect(done.code).toBe(3);
  });

  test('JUnit holds a case for each test, and for each file that is checked', async () => {
    lay(folder, { 'dup.yml': DUPLICATE, 'broken.yml': BROKEN, 'bad.test.yml': TEST(2) });
    await run(folder, ['test', 'rules', '--junit', 'test.xml', 'bad.test.yml']);
    expect(readFileSync(join(folder, 'test.xml'), 'utf8')).toMatch(
      /<testsuites tests="1" failures="1" errors="0">\n {2}<testsuite name="bad\.test\.yml" [^>]*>\n {4}<testcase classname="bad\.test\.yml" name="t"><failure message="expr: [^"]*">/,
    );
    await run(folder, ['check', 'rules', '--junit', 'check.xml', 'dup.yml', 'broken.yml']);
    expect(readFileSync(join(folder, 'check.xml'), 'utf8')).toMatch(/<testsuites tests="2" failures="1" errors="0">/);
  });
});
