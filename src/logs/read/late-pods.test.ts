import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeSink, createWorkbench } from '../testing.ts';

const EVENTUALLY = { timeout: 25_000, interval: 10 };

let bench: ReturnType<typeof createWorkbench>;
let sink: FakeSink;
/** What is known of the pod. */
let known: Record<string, string> | undefined;
let asked: string[];
let log: string;

beforeEach(() => {
  bench = createWorkbench();
  sink = new FakeSink();
  known = undefined;
  asked = [];
  log = join(bench.folder, 'pods', 'd_shop-1_some-uid', 'web', '0.log');
  mkdirSync(join(log, '..'), { recursive: true });
});
afterEach(() => bench.close());

const write = (message: string) => appendFileSync(log, `2026-12-01T00:00:00.0Z stdout F ${message}\n`);

const follow = () =>
  bench.follow(
    sink.ship,
    { containers: true, containers_path: join(bench.folder, 'pods'), files: [] },
    {
      podFields: ({ namespace, pod, uid, container, restart }) => {
        asked.push([namespace, pod, uid, container, restart].join('/'));
        return known;
      },
    },
  );

const fieldOf = (message: string, field: string) =>
  sink.records.find((record) => record.message === message)?.source.fields[field];

test('the first records of a container wait until its pod is known', async () => {
  write('first');
  await follow();
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(5), EVENTUALLY);
  expect(asked[0]).toBe('d/shop-1/some-uid/web/0');
  expect(sink.records).toEqual([]);
  known = { 'container.image.name': 'shop:1' };
  await vi.waitFor(() => expect(fieldOf('first', 'container.image.name')).toBe('shop:1'), EVENTUALLY);
  expect(fieldOf('first', 'kubernetes.pod.name')).toBe('shop-1');
});

test('what becomes known later is on later records, and then nothing is asked any more', async () => {
  known = { 'container.image.name': 'shop:1' };
  write('first');
  await follow();
  await vi.waitFor(() => expect(sink.messages()).toContain('first'), EVENTUALLY);
  expect(fieldOf('first', 'container.id')).toBeUndefined();
  known = { ...known, 'container.id': 'abc' };
  let lines = 0;
  await vi.waitFor(() => {
    write(`line ${lines++}`);
    expect(sink.records.at(-1)?.source.fields['container.id']).toBe('abc');
  }, EVENTUALLY);
  const before = asked.length;
  write('last');
  await vi.waitFor(() => expect(sink.messages()).toContain('last'), EVENTUALLY);
  expect(asked.length).toBe(before);
});

test('records of a pod that stays unknown are sent after two seconds, with what the path tells', async () => {
  write('first');
  await follow();
  await vi.waitFor(() => expect(sink.messages()).toEqual(['first']), EVENTUALLY);
  expect(fieldOf('first', 'kubernetes.container.name')).toBe('web');
});

test('where this is no node of Kubernetes, nothing waits', async () => {
  write('first');
  await bench.follow(sink.ship, { containers: true, containers_path: join(bench.folder, 'pods'), files: [] });
  await vi.waitFor(() => expect(sink.messages()).toEqual(['first']), EVENTUALLY);
});
