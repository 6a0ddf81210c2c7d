import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logsSchema } from './config.ts';
import { FakeSink, createWorkbench, until } from './testing.ts';

let bench: ReturnType<typeof createWorkbench>;
let sink: FakeSink;

beforeEach(() => {
  bench = createWorkbench();
  sink = new FakeSink();
});
afterEach(() => bench.close());

function numbered(from: number, to: number, what = 'line'): string[] {
  return Array.from({ length: to - from }, (_, i) => `${what} ${from + i}`);
}
function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
async function expectRecords(count: number): Promise<void> {
  await until(`${count} records, have ${sink.records.length}`, () => sink.records.length >= count);
}

describe('following', () => {
  test('lines that are appended are shipped, once they have their line end', async () => {
    const path = bench.path('a.log');
    writeFileSync(path, 'first\nsecond\nhalf');
    await bench.follow(sink.ship);
    await expectRecords(2);
    expect(sink.messages()).toEqual(['first', 'second']);
    appendFileSync(path, ' and half\n');
    await expectRecords(3);
    expect(sink.messages()).toEqual(['first', 'second', 'half and half']);
    expect(sink.records.map(({ offset }) => offset)).toEqual([6, 13, 27]);
    expect(sink.records[0].source.fields).toEqual({
      'log.file.path': path,
      'host.name': 'host-1',
      'orchestrator.cluster.name': 'test',
    });
  });

  test('a file that appears later is read from its beginning, whatever read_from says', async () => {
    await bench.follow(sink.ship, { read_from: 'end' });
    writeFileSync(bench.path('late.log'), 'one\ntwo\n');
    await expectRecords(2);
    expect(sink.messages()).toEqual(['one', 'two']);
  });

  test('of an old file only the end is read when read_from says so', async () => {
    writeFileSync(bench.path('old.log'), 'long ago\n');
    const logs = await bench.follow(sink.ship, { read_from: 'end' });
    await until('the file is known', () => logs.files().some(({ offset }) => offset === 9));
    appendFileSync(bench.path('old.log'), 'now\n');
    await expectRecords(1);
    expect(sink.messages()).toEqual(['now']);
  });

  test('an old large file is read from the first whole line of its last MiB', async () => {
    const lines = numbered(0, 200_000);
    writeFileSync(bench.path('old.log'), text(lines));
    await bench.follow(sink.ship);
    await until('the last line', () => sink.messages().at(-1) === 'line 199999');
    const bytes = text(sink.messages()).length;
    expect(bytes).toBeLessThanOrEqual(1024 * 1024);
    expect(bytes).toBeGreaterThan(1024 * 1024 - 20);
    expect(sink.messages()).toEqual(lines.slice(-sink.records.length));
  });

  test('a backlog of many files flows through a small bound, every line once and in order', async () => {
    for (let file = 0; file < 20; file++)
      writeFileSync(bench.path(`f${file}.log`), text(numbered(0, 5000, `f${file}`)));
    await bench.follow(sink.ship, { read_from: 'beginning', max_in_flight_bytes: '64KiB', read_bytes: '16KiB' });
    await expectRecords(100_000);
    for (let file = 0; file < 20; file++)
      expect(sink.messages(bench.path(`f${file}.log`))).toEqual(numbered(0, 5000, `f${file}`));
  });

  test('a busy file does not hold up the others', async () => {
    writeFileSync(bench.path('busy.log'), text(numbered(0, 100_000)));
    writeFileSync(bench.path('quiet.log'), 'a word\n');
    await bench.follow(sink.ship, { read_from: 'beginning', read_bytes: '16KiB' });
    await until('the quiet line', () => sink.messages(bench.path('quiet.log')).length === 1);
    expect(sink.messages().indexOf('a word')).toBeLessThan(10_000);
  });
});

describe('rotation', () => {
  test('a renamed file is drained before the new one of its name, and every line comes once', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, text(numbered(0, 100)));
    await bench.follow(sink.ship);
    await expectRecords(100);
    sink.mood = 'reject';
    appendFileSync(path, text(numbered(100, 200)));
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, text(numbered(200, 300)));
    writeFileSync(path, text(numbered(300, 400)));
    sink.mood = 'accept';
    await expectRecords(400);
    expect(sink.messages()).toEqual(numbered(0, 400));
    expect(new Set(sink.records.map(({ source }) => source.id)).size).toBe(2);
  });

  test('a last line without line end is taken when its file has gone', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, 'whole\nno line end');
    const logs = await bench.follow(sink.ship);
    await expectRecords(1);
    renameSync(path, `${path}.1`);
    await expectRecords(2);
    expect(sink.messages()).toEqual(['whole', 'no line end']);
    await until('the file is let go', () => logs.status()?.files === 0);
  });

  test('copy and truncate: the same file goes on as a new source from its beginning', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, text(numbered(0, 100)));
    await bench.follow(sink.ship);
    await expectRecords(100);
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, text(numbered(100, 150)));
    await expectRecords(150);
    appendFileSync(path, text(numbered(150, 200)));
    await expectRecords(200);
    expect(sink.messages()).toEqual(numbered(0, 200));
    expect(new Set(sink.records.map(({ source }) => source.id)).size).toBe(2);
  });

  test('a file that was truncated and outgrew its old length between two looks is noticed by how it begins', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, text(numbered(0, 10)));
    await bench.follow(sink.ship);
    await expectRecords(10);
    writeFileSync(path, text(numbered(10, 100)));
    await expectRecords(100);
    expect(sink.messages()).toEqual(numbered(0, 100));
  });

  test('a removed file is read to its end and let go', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, 'one\n');
    const logs = await bench.follow(sink.ship);
    await expectRecords(1);
    appendFileSync(path, 'two\nthree');
    rmSync(path);
    await expectRecords(3);
    expect(sink.messages()).toEqual(['one', 'two', 'three']);
    await until('the file is let go', () => logs.status()?.files === 0);
    writeFileSync(path, 'again\n');
    await expectRecords(4);
  });

  test('a new file that reuses the inode of a removed one is another source', async () => {
    const path = bench.path('app.log');
    for (let round = 0; round < 5; round++) {
      writeFileSync(path, `round ${round}\n`);
      const logs = await bench.follow(sink.ship);
      await expectRecords(round + 1);
      await bench.stop(logs);
      rmSync(path);
    }
    expect(sink.messages()).toEqual(['round 0', 'round 1', 'round 2', 'round 3', 'round 4']);
  });
});

describe('files that cannot be followed', () => {
  test('each is skipped with its reason, and harms no other', async () => {
    writeFileSync(bench.path('binary.log'), Buffer.from([1, 2, 0, 3, 10, 0, 0]));
    writeFileSync(bench.path('packed.log'), Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 167) % 256)));
    writeFileSync(bench.path('fix.log'), '8=FIX.4.4\u00019=65\u000135=A\n');
    mkdirSync(bench.path('folder.log'));
    writeFileSync(bench.path('old.log.gz'), 'x');
    writeFileSync(bench.path('good.log'), 'fine\n');
    const logs = await bench.follow(sink.ship, { files: [bench.path('*.log*')] });
    await expectRecords(2);
    const reasons = Object.fromEntries(logs.files().map(({ path, reason }) => [path.split('/').at(-1), reason]));
    expect(reasons).toMatchObject({
      'binary.log': 'binary (control characters)',
      'packed.log': 'binary (control characters)',
      'fix.log': '',
      'old.log.gz': 'compressed',
      'good.log': '',
    });
    expect(logs.status()).toMatchObject({ files: 2 });
  });

  test.skipIf(process.getuid?.() === 0)('a file without read permission is named', async () => {
    writeFileSync(bench.path('secret.log'), 'x\n', { mode: 0 });
    const logs = await bench.follow(sink.ship);
    expect(logs.files().map(({ reason }) => reason)).toContain('no permission');
  });

  // A file that opens and says it has bytes, and that no read gets one of: what a broken disk or network share does.
  test.skipIf(!existsSync('/sys/class/net/lo/speed'))('one that cannot be read harms no other', async () => {
    writeFileSync(bench.path('good.log'), 'good\n');
    const logs = await bench.follow(sink.ship, { files: ['/sys/class/net/lo/speed', bench.path('*.log')] });
    await expectRecords(1);
    appendFileSync(bench.path('good.log'), 'still\n');
    await expectRecords(2);
    expect(logs.files().find(({ path }) => path === '/sys/class/net/lo/speed')).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('unreadable'),
    });
  });

  test('more files than max_files are skipped with that reason', async () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(bench.path(`${name}.log`), `${name}\n`);
    const logs = await bench.follow(sink.ship, { max_files: 2 });
    await expectRecords(2);
    expect(logs.files().map(({ reason }) => reason)).toContain('more than 2 files (max_files)');
  });
});

describe('lines out of the ordinary', () => {
  test('a line of 20 MB is cut, marked, and the next one comes whole', async () => {
    const path = bench.path('wide.log');
    writeFileSync(path, `before\n${'x'.repeat(20_000_000)}\nafter\n`);
    await bench.follow(sink.ship, { read_from: 'beginning', max_line_bytes: '100KiB' });
    await expectRecords(3);
    expect(sink.records.map(({ message }) => message.length)).toEqual([6, 102_400, 5]);
    expect(sink.records.map(({ flags }) => flags)).toEqual([[], ['truncated'], []]);
    expect(sink.records.map(({ offset }) => offset)).toEqual([7, 20_000_008, 20_000_014]);
  });

  test('a line longer than the read buffer and shorter than the bound comes whole', async () => {
    writeFileSync(bench.path('wide.log'), `${'é'.repeat(100_000)}\nafter\n`);
    await bench.follow(sink.ship, { read_from: 'beginning', read_bytes: '16KiB' });
    await expectRecords(2);
    expect(sink.messages()).toEqual(['é'.repeat(100_000), 'after']);
    expect(sink.records[0].flags).toEqual([]);
  });

  test('text in another encoding is followed, its characters replaced and marked', async () => {
    const shiftJis = Buffer.from([0x83, 0x47, 0x83, 0x89, 0x81, 0x5b, 0x0a]);
    writeFileSync(bench.path('sjis.log'), shiftJis);
    await bench.follow(sink.ship);
    await expectRecords(1);
    expect(sink.records[0]).toMatchObject({ message: shiftJis.toString().trimEnd(), flags: ['invalid_utf8'] });
  });

  test('bytes that are no UTF-8 are replaced and marked', async () => {
    const bad = Buffer.concat([Buffer.from('caf'), Buffer.from([0xe9]), Buffer.from(' au lait\ncafé\n')]);
    writeFileSync(bench.path('mixed.log'), bad);
    await bench.follow(sink.ship);
    await expectRecords(2);
    expect(sink.messages()).toEqual(['caf\ufffd au lait', 'café']);
    expect(sink.records.map(({ flags }) => flags)).toEqual([['invalid_utf8'], []]);
  });
});

describe('a sink that misbehaves', () => {
  test.each(['reject', 'store then reject'] as const)('%s: nothing is left out and nothing doubled', async (mood) => {
    writeFileSync(bench.path('a.log'), text(numbered(0, 1000)));
    sink.mood = mood;
    await bench.follow(sink.ship, { read_from: 'beginning' });
    await until('a few tries', () => sink.offered > 3);
    sink.mood = 'accept';
    appendFileSync(bench.path('a.log'), 'the end\n');
    await until('the last line', () => sink.messages().includes('the end'));
    expect(sink.messages()).toEqual([...numbered(0, 1000), 'the end']);
  });

  test('hangs: a stop ends in time, and the next start ships what was not accepted', async () => {
    writeFileSync(bench.path('a.log'), text(numbered(0, 10)));
    sink.mood = 'hang';
    const logs = await bench.follow(sink.ship);
    await until('an offer', () => sink.offered === 1);
    await bench.stop(logs);
    expect(sink.records).toEqual([]);
    sink.mood = 'accept';
    await bench.follow(sink.ship);
    await expectRecords(10);
    expect(sink.messages()).toEqual(numbered(0, 10));
  });
});

describe('restart', () => {
  test('goes on exactly where the other side had everything', async () => {
    const path = bench.path('a.log');
    let written = 0;
    for (let round = 0; round < 5; round++) {
      const logs = await bench.follow(sink.ship);
      appendFileSync(path, text(numbered(written, written + 100)));
      written += 100;
      await expectRecords(written);
      appendFileSync(path, `line ${written++}`);
      await bench.stop(logs);
      appendFileSync(path, '\n');
    }
    await bench.follow(sink.ship);
    await expectRecords(written);
    expect(sink.messages()).toEqual(numbered(0, written));
    expect(sink.duplicates).toBe(0);
  });

  test('after a crash everything since the last checkpoint is offered again under the same identity', async () => {
    writeFileSync(bench.path('a.log'), text(numbered(0, 100)));
    await bench.follow(sink.ship, { checkpoint_interval: '1h' });
    await expectRecords(100);
    // What a killed process leaves behind.
    cpSync(bench.path('data'), bench.path('crashed'), { recursive: true });
    appendFileSync(bench.path('a.log'), text(numbered(100, 110)));
    await expectRecords(110);
    await bench.follow(sink.ship, {}, { dataDir: bench.path('crashed') });
    await until('all again', () => sink.duplicates === 110);
    expect(sink.messages()).toEqual(numbered(0, 110));
  });

  test('a file that was rotated meanwhile is finished under its new name', async () => {
    const path = bench.path('a.log');
    writeFileSync(path, text(numbered(0, 10)));
    const logs = await bench.follow(sink.ship);
    await expectRecords(10);
    await bench.stop(logs);
    appendFileSync(path, text(numbered(10, 20)));
    renameSync(path, `${path}.20261121-121437`);
    writeFileSync(path, text(numbered(20, 30)));
    await bench.follow(sink.ship);
    await expectRecords(30);
    expect(sink.messages()).toEqual(numbered(0, 30));
    expect(sink.duplicates).toBe(0);
  });

  test('a file behind a link that was rotated meanwhile is finished where the link leads', async () => {
    mkdirSync(bench.path('real'));
    const path = bench.path('real/container.log');
    writeFileSync(path, text(numbered(0, 10)));
    symlinkSync(path, bench.path('0.log'));
    const logs = await bench.follow(sink.ship);
    await expectRecords(10);
    await bench.stop(logs);
    appendFileSync(path, text(numbered(10, 20)));
    renameSync(path, `${path}.1`);
    writeFileSync(path, text(numbered(20, 30)));
    await bench.follow(sink.ship);
    await expectRecords(30);
    expect(sink.messages()).toEqual(numbered(0, 30));
  });

  test('what a container wrote and the kubelet rotated before the first look and twice since is read, oldest first', async () => {
    const folder = bench.path('pods/shop_web-1_u1/app');
    mkdirSync(folder, { recursive: true });
    const cri = (from: number, to: number) =>
      text(numbered(from, to).map((line) => `2026-11-21T10:00:00.000000000Z stdout F ${line}`));
    const path = `${folder}/0.log`;
    const settings = { containers: true, containers_path: bench.path('pods'), files: [] };
    writeFileSync(`${path}.20261121-090000`, cri(-10, 0));
    writeFileSync(path, cri(0, 10));
    const logs = await bench.follow(sink.ship, settings);
    await expectRecords(20);
    await bench.stop(logs);
    appendFileSync(path, cri(10, 20));
    renameSync(path, `${path}.20261121-100000`);
    writeFileSync(`${path}.20261121-110000`, cri(20, 30));
    writeFileSync(path, cri(30, 40));
    await bench.follow(sink.ship, settings);
    await expectRecords(50);
    expect(sink.messages()).toEqual(numbered(-10, 40));
  });

  test('a file that was truncated meanwhile begins anew', async () => {
    const path = bench.path('a.log');
    writeFileSync(path, text(numbered(0, 100)));
    const logs = await bench.follow(sink.ship);
    await expectRecords(100);
    await bench.stop(logs);
    writeFileSync(path, text(numbered(100, 110)));
    await bench.follow(sink.ship);
    await expectRecords(110);
    expect(sink.messages()).toEqual(numbered(0, 110));
    expect(new Set(sink.records.map(({ source }) => source.id)).size).toBe(2);
  });

  test('a record whose first part was read before the stop is joined after it', async () => {
    const path = bench.path('a.log');
    const line = (tag: string, stream: string, content: string) =>
      `2026-11-21T12:00:00.5Z ${stream} ${tag} ${content}\n`;
    writeFileSync(path, line('P', 'stdout', 'one ') + line('F', 'stderr', 'between'));
    const logs = await bench.follow(sink.ship);
    await expectRecords(1);
    await until('the checkpoint', () => logs.files()[0].lag === 0 && logs.files()[0].lines === 1);
    await bench.stop(logs);
    appendFileSync(path, line('F', 'stdout', 'two'));
    await bench.follow(sink.ship);
    await expectRecords(2);
    expect(sink.messages()).toEqual(['between', 'one two']);
    expect(sink.duplicates).toBe(0);
  });

  test('a file that is empty since it was truncated goes on as another source after the restart', async () => {
    const path = bench.path('a.log');
    writeFileSync(path, text(numbered(0, 10)));
    const first = await bench.follow(sink.ship);
    await expectRecords(10);
    truncateSync(path);
    await until('the truncation is seen', () =>
      first.files().some(({ size, state }) => state === 'followed' && size === 0),
    );
    await bench.stop(first);
    const second = await bench.follow(sink.ship);
    appendFileSync(path, text(numbered(10, 20)));
    await expectRecords(20);
    expect(sink.messages()).toEqual(numbered(0, 20));
    expect(second.status()?.files).toBe(1);
    expect(sink.duplicates).toBe(0);
  });

  test('a file that is not asked for any more is left alone', async () => {
    writeFileSync(bench.path('a.log'), 'one\n');
    const first = await bench.follow(sink.ship);
    await expectRecords(1);
    await bench.stop(first);
    appendFileSync(bench.path('a.log'), 'two\n');
    writeFileSync(bench.path('b.log'), 'other\n');
    await bench.follow(sink.ship, { files: [bench.path('b.log')] });
    await expectRecords(2);
    expect(sink.messages()).toEqual(['one', 'other']);
  });

  test('a checkpoint that is damaged is moved aside and reading starts as at first', async () => {
    writeFileSync(bench.path('a.log'), 'one\n');
    mkdirSync(bench.path('data/logs'), { recursive: true });
    writeFileSync(bench.path('data/logs/checkpoint.json'), '{"version":1,');
    await bench.follow(sink.ship);
    await expectRecords(1);
  });
});

describe('several destinations', () => {
  test('one that is away holds up no other, and gets everything once it is back, after a restart too', async () => {
    const path = bench.path('a.log');
    const away = new FakeSink();
    const destinations = [
      { name: 'store', ship: sink.ship },
      { name: 'away', ship: away.ship },
    ];
    away.mood = 'reject';
    writeFileSync(path, text(numbered(0, 100)));
    const logs = await bench.follow(sink.ship, {}, { destinations });
    await expectRecords(100);
    await until('tries', () => away.offered > 3);
    await bench.stop(logs);
    appendFileSync(path, text(numbered(100, 200)));
    const again = await bench.follow(sink.ship, {}, { destinations });
    await expectRecords(200);
    await until('the lag of the other', () => (again.status()?.lagSeconds ?? 0) > 0);
    away.mood = 'accept';
    await until('all at the other', () => away.records.length === 200);
    for (const one of [sink, away]) expect(one.messages()).toEqual(numbered(0, 200));
    expect(sink.duplicates + away.duplicates).toBe(0);
  });
});

describe('a changed configuration', () => {
  const schemaOf = (settings: object) => logsSchema.parse({ ...bench.quick, ...settings });

  test('new files are followed, others no more, and the rest go on with their fields changed', async () => {
    for (const name of ['kept', 'gone', 'added']) writeFileSync(bench.path(`${name}.log`), `${name} 0\n`);
    const logs = await bench.follow(sink.ship, { files: [bench.path('kept.log'), bench.path('gone.log')] });
    await expectRecords(2);
    const files = [{ path: bench.path('kept.log'), fields: { 'service.name': 'new' } }, bench.path('added.log')];
    (await logs.prepare(schemaOf({ files }))).commit();
    for (const name of ['kept', 'gone', 'added']) appendFileSync(bench.path(`${name}.log`), `${name} 1\n`);
    await until('the added file', () => sink.messages(bench.path('added.log')).length === 2);
    await until('the kept file', () => sink.messages(bench.path('kept.log')).length === 2);
    expect(sink.messages(bench.path('gone.log'))).toEqual(['gone 0']);
    expect(sink.records.find(({ message }) => message === 'kept 1')?.source.fields).toMatchObject({
      'service.name': 'new',
    });
    expect(sink.duplicates).toBe(0);
  });

  test('what only a start can change is refused, and named', async () => {
    const logs = await bench.follow(sink.ship);
    await expect(logs.prepare(schemaOf({ max_files: 7 }))).rejects.toThrow(
      'logs.max_files: changed, which needs a restart',
    );
  });
});
