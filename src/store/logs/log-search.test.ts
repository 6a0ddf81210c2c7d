import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../types.ts';
import { logBatch, openTestStore, temporaryFolder } from '../testing.ts';

const NOW = Date.UTC(2026, 10, 30, 20);
const LINES = [
  '{"msg":"slow","code":503,"route":"/orders","trace_id":"4bf9","http":{"method":"GET"},"a.b":"dotted"}',
  '{"msg":"fine","code":200,"route":"/cart","ok":true}',
  'level=warn msg="disk is full" code=507 path=/var took=12ms',
  '2026/11/30 20:00:00 [error] 7#7: connect() failed',
  '\u001b[31mERROR\u001b[0m cannot reach the database',
  '<3>kernel: out of memory',
  '{"broken": ',
  'plain words, code: 503 somewhere',
];

let store: Store;
let folder: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  folder = temporaryFolder();
  store = await openTestStore(folder.path);
  const lines = LINES.map((line, i): [number, string] => [i + 1, line]);
  const fields = { 'log.file.path': '/a.log', 'service.name': 'shop' };
  await store.writeLogs(logBatch({ id: 'a', path: '/a.log', fields }, lines, NOW));
});
afterAll(async () => {
  await store.close();
  folder.remove();
});

async function search(query: string) {
  return store.searchLogs({ query, start: NOW - 1000, end: NOW + 1000, limit: 100, order: 'oldest' });
}
/** Which of the lines a query finds. */
async function found(query: string): Promise<number[]> {
  const { records } = await search(query);
  return records.map(({ message }) => LINES.indexOf(message));
}

describe('fields of the message itself', () => {
  test.each<[string, number[]]>([
    ['code: 503', [0]],
    ['code: 507', [2]],
    ['code: 5*', [0, 2]],
    ['code >= 500', [0, 2]],
    ['code < 500', [1]],
    ['trace_id: *', [0]],
    ['http.method: GET', [0]],
    ['http: { method: GET }', [0]],
    ['a.b: dotted', [0]],
    ['ok: true', [1]],
    ['msg: "disk is full"', [2]],
    ['path: /var', [2]],
    ['not code: 503 and route: *', [1]],
    ['code: not 503', [1, 2, 3, 4, 5, 6, 7]],
    ['code: (200 or 507)', [1, 2]],
    ['service.name: shop and code: 200', [1]],
  ])('%s', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  test('a field that no record has is named, one that only has other values is not', async () => {
    expect(await search('cod: 503')).toMatchObject({ records: [], unknownFields: ['cod'] });
    expect(await search('code: 999 and service.name: shop')).toMatchObject({ records: [], unknownFields: [] });
  });
});

test.each<[string, number[]]>([
  ['"-full"', []],
  ['-1', []],
  ['/orders', [0]],
  ['/var', [2]],
  ['[error]', [3]],
  ['7#7', [3]],
  ['"te?t"', []],
])('%s is text, as its signs mean nothing in Lucene either', async (query, expected) => {
  expect(await found(query)).toEqual(expected);
});

describe('levels', () => {
  test.each<[string, number[]]>([
    ['level: error', [3, 4, 5]],
    ['level: warn', [2]],
    ['level: not error', [0, 1, 2, 6, 7]],
    ['level: (not error and not warn)', [0, 1, 6, 7]],
  ])('%s', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });
});

describe('times', () => {
  const all = LINES.map((_, i) => i);
  test.each<[string, number[]]>([
    ['@timestamp: "2026-11-30"', all],
    ['@timestamp: 2026-11', all],
    ['@timestamp: "2026-11-29"', []],
    ['@timestamp >= "2026-11-30T20:00:00.002Z"', [2, 3, 4, 5, 6, 7]],
    ['@timestamp < "2026-11-30T21:00:00.001+01:00"', [0]],
    ['@timestamp > "2026-11-30"', []],
    ['@timestamp <= "2026-11-30T20:00"', all],
  ])('%s', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });
});

describe('forms of Lucene that can mean only one thing', () => {
  const all = LINES.map((_, i) => i);
  test.each<[string, number[]]>([
    ['level:(WARN|ERROR)', [2, 3, 4, 5]],
    ['level:(WARN|ERROR| )', [2, 3, 4, 5]],
    ['level: (WARN | ERROR)', [2, 3, 4, 5]],
    ['code: 503|507', [0, 2]],
    ['memory|database', [4, 5]],
    ['memory || database', [4, 5]],
    ['disk && full', [2]],
    ['code:>500', [0, 2]],
    ['code:>=503 AND code:<507', [0]],
    ['_exists_:trace_id', [0]],
    ['NOT _exists_:code', [3, 4, 5, 6, 7]],
    ['*:*', all],
    ['*: shop', all],
    ['*: nowhere', []],
    ['"code: 503 somewhere"', [7]],
    ['took=12ms', [2]],
    ['a \\| b', []],
  ])('%s', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });
});

test.each([
  [
    '+database',
    'query, character 1: "+database" is Lucene\'s language; words side by side must all match: write database',
  ],
  ['disk -full', 'query, character 6: "-full" is Lucene\'s language; write not full, or put it in quotes'],
  ['-level:error', 'write not level'],
  ['!disk', 'write not disk'],
  ['kerm~2', 'write ker*'],
  ['kernel~', 'write kerne*'],
  ['disk^2', 'records have no rank: write disk'],
  ['level:error^2.5', 'write error'],
  ['msg:/disk.*full/', 'regular expressions cannot be searched for'],
  ['/[0-9]+/', 'regular expressions cannot be searched for'],
  ['te?t', '? stands for itself: write te*t'],
  ['[a TO b]', 'ranges are written field >= a and field <= b'],
  ['code:{200 TO 299}', 'query, character 6: ranges are written code >= a and code <= b'],
  ['-"disk is full"', 'query, character 1: "-" is Lucene\'s language; write not'],
  ['+(disk or full)', 'leave it out'],
  ['!(disk or full)', 'write not'],
  ['"disk full"~5', 'query, character 12: "~5" is Lucene\'s language'],
  ['level: eror', '"eror" is no level; expected trace, debug, info, warn, error, fatal'],
  ['stream: stdotu', '"stdotu" is no stream; expected stdout, stderr'],
  ['code: [200 TO 299]', 'query, character 7: ranges are written code >= a and code <= b'],
  ['code > x', 'code > "x": expected a number'],
  ['@timestamp: yesterday', '"yesterday" is no time; expected one such as 2026-11-30 or 2026-11-30T20:15:00Z'],
  ['@timestamp: "2026-02-31"', '"2026-02-31" is no time'],
  ['user: { name: x', 'query, character 16: unexpected end of the query, expected a closing brace'],
  ['user: { name }', 'query, character 14: unexpected "}", expected a colon'],
  ['a\0b', 'query has a NUL character'],
])('%s is refused', async (query, message) => {
  await expect(search(query)).rejects.toThrow(message);
});
