import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../lib/logger.ts';
import { parseYaml } from '../lib/schema/yaml.ts';
import { validate } from '../lib/schema/schema.ts';
import { Labels } from '../model/labels.ts';
import { type SampleBatch, type SeriesLayout, isStale, markStale, wordsOf } from '../model/sample.ts';
import { Relabeler } from '../relabel/relabel.ts';
import { type RemoteWrite, createRemoteWrite, remoteWriteSchema } from './index.ts';
import { BatchRelabeler } from './relabel.ts';
import { StrictReceiver } from './testing.ts';

const AT = 1_780_000_000_000;

const LAYOUT: SeriesLayout = {
  series: [
    { labels: Labels.of({ __name__: 'up', job: 'a', pod: 'x' }) },
    { labels: Labels.of({ __name__: 'debug_total', job: 'a' }) },
    { labels: Labels.of({ __name__: 'requests_total', job: 'b', pod: 'y' }) },
  ],
};

function batchAt(at: number, values: readonly number[]): SampleBatch {
  return { layout: LAYOUT, values: Float64Array.from(values), timestamps: new Float64Array(3).fill(at) };
}

const CONFIGS = `
  - {source_labels: [__name__], regex: 'debug_.*', action: drop}
  - {regex: pod, action: labeldrop}
  - {target_label: team, replacement: shop}
`;

function configOf(url: string, name: string, relabel: string) {
  const yaml = `name: ${name}\nurl: '${url}'\nwrite_relabel_configs: ${relabel}`;
  return validate(parseYaml(yaml, 'crowsnest.yaml'), remoteWriteSchema);
}

let folder: string;
let running: RemoteWrite | undefined;
const receivers: StrictReceiver[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crowsnest-relabel-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  for (const receiver of receivers.splice(0)) await receiver.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function receive(): Promise<StrictReceiver> {
  const receiver = new StrictReceiver();
  receivers.push(receiver);
  await receiver.start();
  return receiver;
}

test('each destination gets its series relabeled by its own list, in order, over a reload that changes one of them', async () => {
  const [whole, part] = [await receive(), await receive()];
  const destinations = [configOf(whole.url, 'whole', '[]'), configOf(part.url, 'part', CONFIGS)];
  running = createRemoteWrite({ destinations, dataDir: folder, logger: createLogger({ quiet: true }) });
  await running.start();
  for (let i = 0; i < 20; i++) await running.write(batchAt(AT + i * 1000, [1, i, i * 2]));
  await vi.waitFor(() => expect([whole.samples, part.samples]).toEqual([60, 40]), 20_000);
  expect([...part.series.keys()].sort()).toEqual(['requests_total{job="b", team="shop"}', 'up{job="a", team="shop"}']);
  expect(whole.series.has('debug_total{job="a"}')).toBe(true);

  const next = await running.prepare([
    destinations[0],
    configOf(part.url, 'part', '[{regex: pod, action: labeldrop}]'),
  ]);
  next.commit();
  for (let i = 20; i < 40; i++) await running.write(batchAt(AT + i * 1000, [1, i, i * 2]));
  await vi.waitFor(() => expect([whole.samples, part.samples]).toEqual([120, 100]), 20_000);
  expect([whole.outOfOrder, part.outOfOrder]).toEqual([0, 0]);
}, 60_000);

test('what all destinations drop is accepted and not counted as lost', async () => {
  const receiver = await receive();
  const drop = '[{source_labels: [__name__], regex: ".+", action: drop}]';
  const destinations = [configOf(receiver.url, 'none', drop)];
  running = createRemoteWrite({ destinations, dataDir: folder, logger: createLogger({ quiet: true }) });
  await running.start();
  expect(await running.write(batchAt(AT, [1, 2, 3]))).toEqual({ accepted: 3, refused: {} });
  expect(receiver.requests).toBe(0);
});

test('layouts and series keep their identity, and staleness markers their bits', () => {
  const relabeler = new BatchRelabeler(new Relabeler(configOf('http://a', 'x', CONFIGS).write_relabel_configs));
  const batch = batchAt(AT, [1, 2, 3]);
  markStale(wordsOf(batch.values), 2);
  const [first, second] = [relabeler.apply(batch), relabeler.apply(batchAt(AT + 1000, [4, 5, 6]))];
  expect(second.layout).toBe(first.layout);
  expect([...second.values]).toEqual([4, 6]);
  expect(isStale(wordsOf(first.values), 1)).toBe(true);
  const other: SeriesLayout = { series: [LAYOUT.series[2]] };
  const third = relabeler.apply({ layout: other, values: new Float64Array(1), timestamps: new Float64Array(1) });
  expect(third.layout.series[0]).toBe(first.layout.series[1]);
});
