import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batch } from '../read/batch.ts';
import { type Seen, recordsOf } from '../testing.ts';
import type { LineFormat } from '../config.ts';
import { createJoiner } from './index.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

interface JoinOptions {
  readBytes?: number;
  maxRecordBytes?: number;
  final?: boolean;
  containers?: boolean;
  zone?: string;
}

/** Joins a whole file, given to the joiner in reads of so many bytes as a tail would. */
function joinAll(
  format: LineFormat,
  content: string | Buffer,
  { readBytes = 1 << 16, maxRecordBytes = 1 << 20, final = false, containers = false, zone }: JoinOptions = {},
): Seen[] {
  const file = Buffer.from(content as string);
  const joiner = createJoiner(format, containers, zone);
  const seen: Seen[] = [];
  let position = 0;
  for (let rounds = 0; rounds < 100_000; rounds++) {
    const batch = new Batch(readBytes, Math.max(64, joiner.need));
    const read = file.copy(batch.bytes, 0, position, position + readBytes);
    const end = batch.bytes.subarray(0, read).lastIndexOf(10) + 1;
    if (end === 0) break;
    const lines = batch.bytes.subarray(0, end);
    const clean = isUtf8(lines) && !lines.includes(0);
    joiner.need = 0;
    position += joiner.take(batch, 0, end, { base: position, clean, now: NOW, maxRecordBytes });
    batch.flags?.delete(batch.count);
    seen.push(...recordsOf(batch));
  }
  if (final) {
    const batch = new Batch(readBytes, 1 << 16);
    joiner.flush(batch, { base: file.length, clean: true, now: NOW, maxRecordBytes });
    seen.push(...recordsOf(batch));
  }
  return seen;
}

function messages(seen: readonly Seen[]): string[] {
  return seen.map(({ message }) => message);
}

describe('container runtime lines', () => {
  const T = '2026-11-21T12:14:31.123456789Z';

  test.each<[string, string, string[]]>([
    ['a full line', `${T} stdout F hello\n`, ['hello']],
    ['an empty message', `${T} stdout F \n${T} stdout F\n`, ['', '']],
    ['tags behind the first', `${T} stdout F:x:y hello there\n`, ['hello there']],
    ['parts', `${T} stdout P one, \n${T} stdout P two, \n${T} stdout F three\n`, ['one, two, three']],
    [
      'parts of both streams in turns',
      `${T} stdout P o1 \n${T} stderr P e1 \n${T} stdout F o2\n${T} stderr F e2\n`,
      ['o1 o2', 'e1 e2'],
    ],
    [
      'a full line of the other stream between',
      `${T} stdout P one \n${T} stderr F between\n${T} stdout F two\n`,
      ['between', 'one two'],
    ],
    ['an offset of the zone', '2026-11-21T14:14:31.5+02:00 stdout F zone\n', ['zone']],
    ['a line that is none', 'what is this\n', ['what is this']],
    ['a stream that is none', `${T} stdlog F x\n`, [`${T} stdlog F x`]],
  ])('%s', (_, content, expected) => {
    // prettier-ignore
    expect(messages(joinAll('cri', content))).toEqual(expected);
  });

  test.each([
    ['2026-11-21T12:14:31.123456789Z', Date.UTC(2026, 10, 21, 12, 14, 31, 123), 456_789],
    ['2026-11-21T12:14:31.1Z', Date.UTC(2026, 10, 21, 12, 14, 31, 100), 0],
    ['2026-11-21T12:14:31Z', Date.UTC(2026, 10, 21, 12, 14, 31), 0],
    ['2026-11-21T00:14:31.000000001+05:30', Date.UTC(2026, 10, 20, 18, 44, 31), 1],
    ['2024-02-29T23:59:60Z', Date.UTC(2024, 2, 1), 0],
  ])('the time %s', (text, timestamp, nanos) => {
    expect(joinAll('cri', `${text} stderr F x\n`)).toMatchObject([{ timestamp, nanos, stream: 2 }]);
  });

  test('a record has the time of its first part and the place of its last line', () => {
    const first = '2026-11-21T12:00:00Z stdout P a\n';
    const last = '2026-11-21T12:00:09Z stdout F b\n';
    expect(joinAll('cri', first + last)).toMatchObject([
      { timestamp: Date.UTC(2026, 10, 21, 12), offset: first.length + last.length },
    ]);
  });

  test('a character that is split between two parts comes whole', () => {
    const cat = Buffer.from('🐈');
    const line = (tag: string, content: Buffer) =>
      Buffer.concat([Buffer.from(`${T} stdout ${tag} `), content, Buffer.from('\n')]);
    const file = Buffer.concat([line('P', cat.subarray(0, 2)), line('F', cat.subarray(2))]);
    expect(joinAll('cri', file)).toMatchObject([{ message: '🐈', flags: [] }]);
    expect(messages(joinAll('cri', file, { readBytes: 48 }))).toEqual(['🐈']);
  });

  test('a record longer than the bound is cut at a character and marked', () => {
    const parts = Array.from({ length: 10 }, () => `${T} stdout P éééééééééé\n`).join('');
    const seen = joinAll('cri', `${parts}${T} stdout F end\n${T} stdout F next\n`, { maxRecordBytes: 51 });
    expect(seen).toMatchObject([
      { message: 'é'.repeat(25), flags: ['truncated'] },
      { message: 'next', flags: [] },
    ]);
  });

  test('a part whose end never comes is taken when the file has gone', () => {
    const seen = joinAll('cri', `${T} stdout P half\n${T} stderr F x\n`, { final: true });
    expect(seen).toMatchObject([{ message: 'x' }, { message: 'half', flags: ['partial'] }]);
  });

  test('records are the same however the file is cut into reads', () => {
    const record = fc.record({
      text: fc.string({ maxLength: 30, unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' ')),
      cuts: fc.array(fc.nat(30), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), fc.integer({ min: 256, max: 600 }), (records, readBytes) => {
        const lines = records.flatMap(({ text, cuts }) => {
          const bytes = Buffer.from(text);
          const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
          return at.slice(1).map((end, i) => {
            const tag = i === at.length - 2 ? 'F' : 'P';
            return Buffer.concat([Buffer.from(`${T} stdout ${tag} `), bytes.subarray(at[i], end), Buffer.from('\n')]);
          });
        });
        const seen = joinAll('cri', Buffer.concat(lines), { readBytes });
        expect(messages(seen)).toEqual(records.map(({ text }) => text));
      }),
    );
  });
});

describe('lines of Docker', () => {
  const line = (log: string, stream = 'stdout') =>
    `${JSON.stringify({ log, stream, time: '2026-11-21T12:14:31.5Z' })}\n`;

  test.each<[string, string, string[]]>([
    ['a line', line('hello\n'), ['hello']],
    ['escapes of every kind', line('{"a":"b\\c"}\t\u0001 é 🐈\n'), ['{"a":"b\\c"}\t\u0001 é 🐈']],
    [
      'a pair of surrogates as escapes',
      '{"log":"\\ud83d\\udc08 \\u00e9\\n","stream":"stdout","time":"2026-11-21T12:14:31Z"}\n',
      ['🐈 é'],
    ],
    ['half a pair', '{"log":"\\ud83d!\\n","stream":"stdout","time":"2026-11-21T12:14:31Z"}\n', ['\ufffd!']],
    ['a text that ends with a backslash and an n', `${line('C:\\n')}${line('!\n')}`, ['C:\\n!']],
    ['parts', line('one ') + line('err\n', 'stderr') + line('two\n'), ['err', 'one two']],
    [
      'other keys between',
      '{"log":"x\\n","stream":"stderr","attrs":{"time":"no"},"time":"2026-11-21T12:14:31Z"}\n',
      ['x'],
    ],
    ['a line that is none', '{"level":"info"}\n', ['{"level":"info"}']],
    ['a line that breaks off', '{"log":"x\n', ['{"log":"x']],
  ])('%s', (_, content, expected) => {
    // prettier-ignore
    expect(messages(joinAll('docker-json', content))).toEqual(expected);
  });

  test('time, stream and place', () => {
    expect(joinAll('docker-json', line('x\n', 'stderr'))).toMatchObject([
      { timestamp: Date.UTC(2026, 10, 21, 12, 14, 31, 500), stream: 2, offset: line('x\n', 'stderr').length },
    ]);
  });
});

describe('plain lines', () => {
  const local = (text: string) => new Date(text).getTime();

  test.each([
    ['2026-11-21T11:00:00.250Z up', Date.UTC(2026, 10, 21, 11, 0, 0, 250)],
    ['[2026-11-21T11:00:00+01:00] up', Date.UTC(2026, 10, 21, 10)],
    ['2026-11-21 09:00:00,123 INFO up', local('2026-11-21T09:00:00.123')],
    ['2026-11-20 18:00:00 startup archives unpack', local('2026-11-20T18:00:00')],
    ['Nov 21 08:01:02 host sshd[1]: up', local('2026-11-21T08:01:02')],
    ['Dec  3 08:01:02 host cron: last year', local('2025-12-03T08:01:02')],
    ['{"level":"info","time":"2026-11-21T11:30:00.000Z","msg":"up"}', Date.UTC(2026, 10, 21, 11, 30)],
    ['{"ts":"2026-11-21T11:30:00Z"}', Date.UTC(2026, 10, 21, 11, 30)],
    ['no time at all', NOW],
    ['1999-01-01T00:00:00Z too long ago', NOW],
    ['2099-01-01T00:00:00Z yet to come', NOW],
    ['2026-13-41 nonsense', NOW],
    ['12345', NOW],
    ['2026-11-21 11:00:00 +0200 x', Date.UTC(2026, 10, 21, 9)],
    ['2026-11-21 11:00:00+0200 x', Date.UTC(2026, 10, 21, 9)],
    ['2026-11-21T06:00:00-05 x', Date.UTC(2026, 10, 21, 11)],
    ['2026-11-21 11:00:00.5 UTC x', Date.UTC(2026, 10, 21, 11, 0, 0, 500)],
    ['2026-11-21 11:00:00 GMT', Date.UTC(2026, 10, 21, 11)],
    ['2026-11-21 11:00:00 CET x', Date.UTC(2026, 10, 21, 10)],
    ['2026-11-21 11:00:00 INFO x', local('2026-11-21T11:00:00')],
    ['2026/11/21 11:00:00 [error] 7#7: x', local('2026-11-21T11:00:00')],
    ['10.0.0.1 - - [21/Nov/2026:11:00:00 +0100] "GET / HTTP/1.1" 200 1', Date.UTC(2026, 10, 21, 10)],
    ['I1121 11:00:00.123456 7 main.go:1] x', local('2026-11-21T11:00:00.123')],
    ['E1121 11:00:00.123456 7 main.go:1] x', local('2026-11-21T11:00:00.123')],
    ['ts=2026-11-21T11:00:00Z level=info msg=x', Date.UTC(2026, 10, 21, 11)],
    ['level=info time="2026-11-21T11:00:00+01:00" msg=x', Date.UTC(2026, 10, 21, 10)],
    ['<34>1 2026-11-21T11:00:00.25Z host app - - x', Date.UTC(2026, 10, 21, 11, 0, 0, 250)],
    ['<34>Nov 21 08:01:02 host sshd[1]: up', local('2026-11-21T08:01:02')],
    [`{"level":30,"time":${Date.UTC(2026, 10, 21, 11)},"msg":"pino"}`, Date.UTC(2026, 10, 21, 11)],
    [
      `{"level":"info","ts":${Date.UTC(2026, 10, 21, 11) / 1000}.25,"msg":"zap"}`,
      Date.UTC(2026, 10, 21, 11, 0, 0, 250),
    ],
    ['{ "time": "2026-11-21T11:00:00Z" }', Date.UTC(2026, 10, 21, 11)],
    ['2026-02-31T11:00:00Z impossible', NOW],
    ['2026-06-31T11:00:00Z impossible', NOW],
    ['', NOW],
  ])('%s', (line, timestamp) => {
    expect(joinAll('plain', `${line}\n`)).toMatchObject([{ message: line, timestamp, stream: 0 }]);
  });

  test('a zone whose name stands for several is not known: the time of reading, marked', () => {
    expect(joinAll('plain', '2026-11-21 11:00:00 IST x\n')).toMatchObject([
      { timestamp: NOW, flags: ['unknown_zone'] },
    ]);
  });

  test.each([
    ['Europe/Berlin', '2026-07-21 11:00:00 summer', Date.UTC(2026, 6, 21, 9)],
    ['Europe/Berlin', '2026-11-21 11:00:00 winter', Date.UTC(2026, 10, 21, 10)],
    ['Asia/Kolkata', 'Nov 21 11:00:00 half', Date.UTC(2026, 10, 21, 5, 30)],
  ])('times without a zone are read as those of %s: %s', (zone, line, timestamp) => {
    expect(joinAll('plain', `${line}\n`, { zone })).toMatchObject([{ timestamp }]);
  });

  test('a carriage return before the line end is no part of the message', () => {
    expect(messages(joinAll('plain', 'one\r\ntwo\n\r\n'))).toEqual(['one', 'two', '']);
  });
});

describe('the form of a line is told by the line', () => {
  const cri = '2026-11-21T12:14:31.5Z stdout F from cri\n';
  const docker = '{"log":"from docker\\n","stream":"stderr","time":"2026-11-21T12:14:31Z"}\n';
  const text = `torn rest\n${cri}${docker}{"level":"info"}\n2026-11-21T12:14:31Z plain\n${cri}`;

  test('in a container: what is of no known form is marked', () => {
    const seen = joinAll('auto', text, { containers: true });
    expect(seen.map(({ message, stream, flags }) => [message, stream, ...flags])).toEqual([
      ['torn rest', 0, 'unparsed'],
      ['from cri', 1],
      ['from docker', 2],
      ['{"level":"info"}', 0, 'unparsed'],
      ['2026-11-21T12:14:31Z plain', 0, 'unparsed'],
      ['from cri', 1],
    ]);
  });

  test('elsewhere: it is a plain line, with its own time', () => {
    const seen = joinAll('auto', text);
    expect(seen.map(({ message, timestamp }) => [message, timestamp === NOW])).toEqual([
      ['torn rest', true],
      ['from cri', false],
      ['from docker', false],
      ['{"level":"info"}', true],
      ['2026-11-21T12:14:31Z plain', false],
      ['from cri', false],
    ]);
    expect(seen.flatMap(({ flags }) => flags)).toEqual([]);
  });

  test('parts of both runtimes are joined apart, and flushed', () => {
    const part = '{"log":"half of docker","stream":"stdout","time":"2026-11-21T12:14:31Z"}\n';
    const seen = joinAll('auto', `${part}2026-11-21T12:14:31Z stdout P half of cri\n`, { final: true });
    expect(messages(seen).sort()).toEqual(['half of cri', 'half of docker']);
  });

  test.each([
    ['{"stream":"stdout","log":"x\\n","time":"2026-11-21T12:14:31Z"}', ['x', 1]],
    ['{ "time" : "2026-11-21T12:14:31Z", "log" : "x\\n", "stream" : "stderr" }', ['x', 2]],
    ['{"log":"x\\r\\n","stream":"stdout","time":"2026-11-21T12:14:31Z"}', ['x', 1]],
    ['{"log":"x\\n","attrs":{"tag":"y"},"stream":"stdout","time":"2026-11-21T12:14:31Z"}', ['x', 1]],
    ['2026-11-21T12:14:31Z stdout F x\r', ['x', 1]],
    ['2026-11-21T12:14:31Z stdout F a\0b', ['a\ufffdb', 1, 'invalid_utf8']],
  ])('%s', (line, expected) => {
    const seen = joinAll('auto', `${line}\n`, { containers: true });
    expect(seen.map(({ message, stream, flags }) => [message, stream, ...flags])).toEqual([expected]);
  });

  test('a JSON line that has a key `log` among others is no line of Docker', () => {
    const line = '{"log":"x","level":"info","time":"2026-11-21T12:14:31Z"}';
    expect(messages(joinAll('plain', `${line}\n`))).toEqual([line]);
  });
});
