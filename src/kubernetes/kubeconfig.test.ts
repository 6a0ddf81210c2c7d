import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inClusterAccess } from './access.ts';
import { kubeconfigAccess } from './kubeconfig.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crowsnest-'));
  file = join(folder, 'config');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(user: string, cluster = 'server: https://h:6443/'): void {
  writeFileSync(
    file,
    `apiVersion: v1
kind: Config
preferences: {}
current-context: b
contexts:
  - {name: a, context: {cluster: c, user: other}}
  - {name: b, context: {cluster: c, user: u, namespace: shop}}
clusters:
  - name: c
    cluster: {${cluster}}
users:
  - {name: other, user: {}}
  - name: u
    user: {${user}}
`,
  );
}

describe('a kubeconfig', () => {
  test('gives server, namespace and token of its current context', () => {
    write('token: abc');
    expect(kubeconfigAccess(file)).toMatchObject({
      url: 'https://h:6443',
      namespace: 'shop',
      http: { bearer_token: 'abc' },
    });
    expect(kubeconfigAccess(file, 'a').http.bearer_token).toBeUndefined();
  });

  test('names files from its own folder, and data wins over them', () => {
    write(
      'tokenFile: t, token: old, client-certificate: c.pem, client-key: k.pem',
      'server: https://h, certificate-authority: ca.pem',
    );
    expect(kubeconfigAccess(file).http).toEqual({
      bearer_token_file: join(folder, 't'),
      tls_config: {
        ca_file: join(folder, 'ca.pem'),
        cert_file: join(folder, 'c.pem'),
        key_file: join(folder, 'k.pem'),
        server_name: undefined,
        insecure_skip_verify: false,
      },
    });
    write(
      'client-certificate-data: Qw==, client-key-data: Sw==',
      'server: https://h, certificate-authority: x, certificate-authority-data: QQ==',
    );
    const { certificates, http } = kubeconfigAccess(file);
    expect(certificates).toEqual({ ca: 'A', cert: 'C', key: 'K' });
    expect(http.tls_config?.ca_file).toBeUndefined();
  });

  test('runs a program for a token, and again when that is about to expire', async () => {
    const script = join(folder, 'helper.sh');
    writeFileSync(
      script,
      `#!/bin/sh
echo run >> ${folder}/runs
expires=$(cat ${folder}/expires)
echo "{\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"$1-$(wc -l < ${folder}/runs | tr -d ' ')-$EXTRA\\",\\"expirationTimestamp\\":\\"$expires\\"}}"
`,
      { mode: 0o755 },
    );
    write(
      'exec: {apiVersion: client.authentication.k8s.io/v1, command: ./helper.sh, args: [tok], env: [{name: EXTRA, value: e}]}',
    );
    writeFileSync(join(folder, 'expires'), '2000-01-01T00:00:00Z');
    const { authorization } = kubeconfigAccess(file);
    expect(await Promise.all([authorization?.(), authorization?.()])).toEqual(['Bearer tok-1-e', 'Bearer tok-1-e']);
    writeFileSync(join(folder, 'expires'), '2999-01-01T00:00:00Z');
    expect(await authorization?.()).toBe('Bearer tok-2-e');
    expect(await authorization?.()).toBe('Bearer tok-2-e');
  });

  test.each([
    ['echo secret-output; exit 3', /helper.sh ended with code 3/],
    ['echo secret-output', /printed no JSON/],
    [`echo '{"kind":"ExecCredential","status":{"secret-output":1}}'`, /no ExecCredential with a token: status.token/],
  ])('does not show what such a program printed: %s', async (body, message) => {
    writeFileSync(join(folder, 'helper.sh'), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    write('exec: {apiVersion: v1, command: ./helper.sh}');
    const error = await kubeconfigAccess(file)
      .authorization?.()
      .catch((failure: Error) => failure.message);
    expect(error).toMatch(message);
    expect(error).not.toContain('secret-output');
  });

  test.each([
    ['token: {hunter2: 1}', 'server: https://h', /config:\d+:\d+ {2}users\[1\]\.user\.token/],
    ['token: hunter2', 'server: not-a-url', /clusters\[0\]\.cluster\.server/],
    ['auth-provider: {hunter2: 1}', 'server: https://h', /auth-provider: not supported/],
    ['token: t', 'server: https://h, proxy-url: http://p', /proxy-url: not supported/],
  ])('that cannot be used is refused by place, without the value: %s', (user, cluster, message) => {
    write(user, cluster);
    expect(() => kubeconfigAccess(file)).toThrow(message);
    expect(() => kubeconfigAccess(file)).not.toThrow(/hunter2/);
    expect(() => kubeconfigAccess(file, 'none')).toThrow(/contexts: expected one that is named "none"/);
  });
});

describe('in a pod', () => {
  test('the service account is used, its files being read again as they change', () => {
    mkdirSync(join(folder, 'account'));
    const account = join(folder, 'account');
    const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    expect(() => inClusterAccess(environment, account)).toThrow(/token/);
    for (const [name, text] of Object.entries({ token: 't', 'ca.crt': 'c', namespace: 'shop\n' }))
      writeFileSync(join(account, name), text);
    expect(inClusterAccess(environment, account)).toMatchObject({
      url: 'https://[fd00::1]:443',
      namespace: 'shop',
      http: {
        authorization: { credentials_file: join(account, 'token') },
        tls_config: { ca_file: join(account, 'ca.crt') },
      },
    });
  });

  test('is said to be missing elsewhere', () => {
    expect(() => inClusterAccess({}, folder)).toThrow(/not in a pod/);
  });
});
