import { expect, test } from 'vitest';
import { tenantSchema } from './config.ts';

const tenant = (matcher: string) => ({ name: 'shop', token_file: '/t', matchers: [matcher] });

test.each([
  ['namespace="shop"', { name: 'namespace', op: '=', value: 'shop' }],
  [' team =~ "a|b" ', { name: 'team', op: '=~', value: 'a|b' }],
  ['pod!~"x.*"', { name: 'pod', op: '!~', value: 'x.*' }],
  ['text!="a\\"b\\\\c"', { name: 'text', op: '!=', value: 'a"b\\c' }],
])('%s is a matcher', (text, expected) => {
  expect(tenantSchema.parse(tenant(text)).matchers).toEqual([expected]);
});

test.each([
  ['namespace=shop', 'expected one matcher, such as namespace="shop"'],
  ['{namespace="shop"}', 'expected one matcher, such as namespace="shop"'],
  ['namespace="shop",team="a"', 'expected one matcher, such as namespace="shop"'],
  ['namespace="shop" or up', 'expected one matcher, such as namespace="shop"'],
  ['namespace=~"("', 'missing closing )'],
])('%s is none', (text, words) => {
  expect(tenantSchema.safeParse(tenant(text)).error?.issues[0].message).toContain(words);
});

test('a matcher of logs names a field, with its dots', () => {
  const given = { ...tenant('a="b"'), log_matchers: ['kubernetes.namespace="shop"', 'kubernetes.labels.app/name!=""'] };
  expect(tenantSchema.parse(given).log_matchers).toEqual([
    { name: 'kubernetes.namespace', op: '=', value: 'shop' },
    { name: 'kubernetes.labels.app/name', op: '!=', value: '' },
  ]);
  expect(tenantSchema.safeParse({ ...given, log_matchers: ['kubernetes.namespace: shop'] }).success).toBe(false);
  // An empty list would open everything.
  expect(tenantSchema.safeParse({ ...given, log_matchers: [] }).success).toBe(false);
});

test.each([
  [{}, 'expected token_file, or username with password_file'],
  [{ username: 'x' }, 'expected token_file, or username with password_file'],
  [{ token_file: '/t', password_file: '/p' }, 'expected token_file, or username with password_file'],
])('a tenant with %j could be let in by nobody', (credentials, words) => {
  const parsed = tenantSchema.safeParse({ name: 'shop', matchers: ['a="b"'], ...credentials });
  expect(parsed.error?.issues[0].message).toBe(words);
});
