import { describe, expect, test } from 'vitest';
import { kubernetesSdSchema } from './config.ts';

describe('an entry of kubernetes_sd_configs', () => {
  test.each([
    [{ role: 'pod' }],
    [{ role: 'endpoints', namespaces: { own_namespace: true, names: ['a'] } }],
    [{ role: 'node', api_server: 'https://h:6443', bearer_token_file: '/t', tls_config: { ca_file: '/ca' } }],
    [
      {
        role: 'pod',
        kubeconfig_file: 'admin.conf',
        attach_metadata: { node: true, namespace: true, deployment: true },
      },
    ],
    [
      {
        role: 'pod',
        selectors: [
          { role: 'pod', label: 'app=a,!b, c in (d, e),f notin (g),h>1', field: 'spec.nodeName=n,status.phase!=x' },
        ],
      },
    ],
    [{ role: 'endpointslice', selectors: [{ role: 'service', label: 'app.kubernetes.io/name==shop' }] }],
  ])('may be %j', (config) => {
    expect(kubernetesSdSchema.safeParse(config).error).toBeUndefined();
  });

  test.each([
    [{}, 'role'],
    [{ role: 'pods' }, 'role'],
    [
      { role: 'pod', api_server: 'https://h', kubeconfig_file: 'f' },
      'kubeconfig_file: expected none beside api_server',
    ],
    [{ role: 'pod', kubeconfig_file: 'f', bearer_token: 't' }, 'bearer_token: expected none beside kubeconfig_file'],
    [{ role: 'pod', bearer_token: 't' }, 'bearer_token: expected only beside api_server'],
    [{ role: 'pod', api_server: 'https://h', namespaces: { own_namespace: true } }, 'namespaces.own_namespace'],
    [{ role: 'pod', kubeconfig_file: 'f', namespaces: { own_namespace: true } }, 'namespaces.own_namespace'],
    [{ role: 'node', selectors: [{ role: 'pod' }] }, 'selectors.0.role: expected one of node, which role node reads'],
    [{ role: 'pod', selectors: [{ role: 'pod' }, { role: 'pod' }] }, 'selectors.1.role: expected one selector'],
    [{ role: 'pod', selectors: [{ role: 'pod', label: 'a b' }] }, 'selectors.0.label: expected a label selector'],
    [
      { role: 'pod', selectors: [{ role: 'pod', field: 'spec.nodeName' }] },
      'selectors.0.field: expected a field selector',
    ],
    [{ role: 'pod', api_server: 'https://h', bearer_token: 'a', basic_auth: { username: 'u' } }, 'bearer_token'],
    [{ role: 'pod', oauth2: {} }, 'oauth2'],
  ])('may not be %j', (config, complaint) => {
    const issues = kubernetesSdSchema.safeParse(config).error?.issues ?? [];
    const said = issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
    expect(said).toContain(complaint);
  });

  test('a selector that takes long to match is no attack on the process', () => {
    const label = `${'a'.repeat(50_000)}!`;
    const config = { role: 'pod', selectors: [{ role: 'pod', label, field: 'a='.repeat(20_000) }] };
    expect(kubernetesSdSchema.safeParse(config).success).toBe(false);
  });
});
