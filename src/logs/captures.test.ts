import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWithShared } from '../lib/testing/shared.ts';
import { FakeSink, createWorkbench, until } from './testing.ts';

describeWithShared('captures/var-log.tgz', 'a real /var/log/pods', (archive) => {
  let bench: ReturnType<typeof createWorkbench>;

  beforeEach(() => {
    bench = createWorkbench();
    execFileSync('tar', ['xzf', archive, '-C', bench.folder]);
  });
  afterEach(() => bench.close());

  test('every record of every container comes once, joined and named after its pod', async () => {
    const sink = new FakeSink();
    const pods = bench.path('varlog/pods');
    await bench.follow(sink.ship, { containers: true, containers_path: pods, files: [], partial_wait: '100ms' });
    // The rotated files too, one of them packed.
    const files = readdirSync(pods, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('.log'));
    const full = files.flatMap((path) => {
      const bytes = readFileSync(join(pods, path));
      const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n');
      return lines.filter((line) => /^\S+ std\S+ F/.test(line));
    });
    // One container's last words came as a part only.
    await until('all records', () => sink.records.length >= full.length + 1);
    expect(sink.records).toHaveLength(1163);
    expect(sink.records.flatMap(({ flags }) => flags)).toEqual(['partial']);

    const talker = sink.records.find(({ message }) => message === 'line 0 to stdout');
    expect(talker).toMatchObject({ timestamp: Date.UTC(2026, 10, 21, 12, 12, 48, 564), nanos: 812_690, stream: 1 });
    expect(talker?.source.fields).toMatchObject({
      'kubernetes.namespace': 'real',
      'kubernetes.pod.name': 'talker',
      'kubernetes.pod.uid': '960485a8-d83a-4fab-852a-c2ea065aa64c',
      'kubernetes.container.name': 'main',
    });
  });

  test('a record in parts of a rotated file is one record, as long as its parts', async () => {
    const sink = new FakeSink();
    const glob = bench.path('varlog/pods/real_partial_*/c/0.log.*');
    await bench.follow(sink.ship, { files: [{ path: glob }], read_from: 'beginning' });
    const [path] = readdirSync(bench.path('varlog/pods'))
      .filter((name) => name.startsWith('real_partial_'))
      .flatMap((name) =>
        readdirSync(bench.path(`varlog/pods/${name}/c`)).map((file) => bench.path(`varlog/pods/${name}/c/${file}`)),
      )
      .filter((file) => /0\.log\.\d+-\d+$/.test(file));
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const expected = ['']; // one text for each full line
    for (const line of lines) {
      const [, tag, content] = /^\S+ \S+ (\S+) (.*)$/.exec(line) ?? [];
      expected[expected.length - 1] += content;
      if (tag === 'F') expected.push('');
    }
    await until('all records', () => sink.records.length >= expected.length - 1);
    expect(sink.messages()).toEqual(expected.slice(0, -1));
  });
});
