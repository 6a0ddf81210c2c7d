import { expect, test } from 'vitest';
import { configSchema } from '../config.ts';
import { flagsOf } from './flags.ts';

test("settings stand under the names of Prometheus' flags", () => {
  const config = configSchema.parse({
    server: { query_timeout: '90s', admin_api: true },
    store: { path: '/data', retention: '30d', max_size: '1KB' },
  });
  expect(flagsOf(config)).toMatchObject({
    'query.timeout': '1m30s',
    'storage.tsdb.path': '/data',
    'storage.tsdb.retention.size': '1024B',
    'storage.tsdb.retention.time': '30d',
    'web.enable-admin-api': 'true',
    'web.listen-address': '127.0.0.1:9780',
  });
});

test('a server in front of another has no storage', () => {
  const flags = flagsOf(configSchema.parse({ server: { upstream: { url: 'http://mimir' } } }));
  expect(Object.keys(flags).filter((name) => name.startsWith('storage.'))).toEqual([]);
});
