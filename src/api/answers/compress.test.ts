import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Labels } from '../../model/labels.ts';
import { bestEncoding } from './compress.ts';
import { engineOf, language, testApi } from '../testing.ts';

test.each([
  ['gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip;q=1, zstd;q=0.5', 'gzip'],
  ['zstd;q=0, gzip', 'gzip'],
  ['zstd;q=0.2 , gzip;q=0.1', 'zstd'],
  ['*', 'zstd'],
  ['*;q=0.1, zstd;q=0', 'gzip'],
  ['gzip;q=0', undefined],
  ['gzip;q=0.000, identity', undefined],
  ['identity, gzip;q=0.5', undefined],
  ['identity;q=0.5, gzip;q=0.5', 'gzip'],
  ['gzip;q=often', undefined],
  ['br', undefined],
  ['', undefined],
])('Accept-Encoding: %s is answered in %s', (accepted, encoding) => {
  expect(bestEncoding(accepted, ['zstd', 'gzip'])).toBe(encoding);
});

const timestamps = Float64Array.from({ length: 20_000 }, (_, i) => i * 1000);
const values = timestamps.map((time) => time / 3);
const engine = engineOf(() => ({
  type: 'matrix',
  series: [{ labels: Labels.EMPTY, timestamps, values }],
  warnings: [],
  infos: [],
}));
const app = await testApi({ engine, language });

async function ask(url: string, encoding: string) {
  return app.inject({ url, headers: { 'accept-encoding': encoding } });
}

const LARGE = '/api/v1/query_range?query=x&start=0&end=1&step=1';
const MIDDLE = `/api/v1/format_query?query=${'x'.repeat(5000)}`;
const SMALL = '/api/v1/format_query?query=x';

test.each([
  ['large', LARGE],
  ['middle', MIDDLE],
])('a %s answer comes compressed and is whole', async (_, url) => {
  const plain = await ask(url, 'identity');
  const packed = await ask(url, 'gzip');
  expect(plain.headers).not.toHaveProperty('content-encoding');
  expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding, Origin' });
  expect(zlib.gunzipSync(packed.rawPayload)).toEqual(plain.rawPayload);
  expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 2);
});

test('a small answer is not worth compressing', async () => {
  expect((await ask(SMALL, 'gzip')).headers).not.toHaveProperty('content-encoding');
});

describe.skipIf(zlib.createZstdCompress === undefined)('zstd, which Node has since 22.15', () => {
  test.each([LARGE, MIDDLE])('%# comes compressed and is whole', async (url) => {
    const packed = await ask(url, 'gzip, zstd');
    expect(packed.headers['content-encoding']).toBe('zstd');
    // Its frames begin with this word. Source: RFC 8878, section 3.1.1.
    expect(packed.rawPayload.readUInt32LE()).toBe(0xfd2fb528);
    const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (packed: Buffer) => Buffer };
    expect(zstdDecompressSync?.(packed.rawPayload)).toEqual((await ask(url, '')).rawPayload);
  });
});
