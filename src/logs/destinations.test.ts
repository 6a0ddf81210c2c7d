import { appendFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registry } from '../lib/metrics.ts';
import { FakeSink, createWorkbench, until } from './testing.ts';

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}`);
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

describe('destinations that change while lines come', () => {
  let bench: ReturnType<typeof createWorkbench>;
  let written = 0;

  beforeEach(() => {
    bench = createWorkbench();
    written = 0;
    writeFileSync(bench.path('app.log'), '');
  });
  afterEach(() => bench.close());

  function write(count = 50): void {
    appendFileSync(bench.path('app.log'), text(numbered(written, written + count)));
    written += count;
  }
  const all = () => numbered(0, written);
  const has = (sink: FakeSink) => until('every line is there', () => sink.records.length >= written);

  test('one that stays gets every line once and in order; one that comes gets them too', async () => {
    const [kept, late] = [new FakeSink(), new FakeSink()];
    const first = { name: 'kept', ship: kept.ship };
    write();
    const logs = await bench.follow(kept.ship, {}, { destinations: [first] });
    write();
    logs.setDestinations([first, { name: 'late', ship: late.ship }]);
    write();
    await Promise.all([has(kept), has(late)]);
    expect([kept.messages(), late.messages()]).toEqual([all(), all()]);
    expect([kept.duplicates, late.duplicates]).toEqual([0, 0]);
  });

  test('one that goes is stopped once, with no figures left, and gets nothing more', async () => {
    const [kept, gone] = [new FakeSink(), new FakeSink()];
    let stops = 0;
    const first = { name: 'kept', ship: kept.ship };
    const second = { name: 'gone', ship: gone.ship, stop: () => void stops++ };
    const logs = await bench.follow(kept.ship, {}, { destinations: [first, second] });
    write();
    await Promise.all([has(kept), has(gone)]);
    expect(await registry.metrics()).toContain('crowsnest_log_lag_seconds{destination="gone"}');
    logs.setDestinations([first]);
    await until('it has stopped', () => stops === 1);
    write();
    await has(kept);
    expect(gone.messages()).toEqual(numbered(0, 50));
    expect(await registry.metrics()).not.toContain('crowsnest_log_lag_seconds{destination="gone"}');
    await bench.stop(logs);
    expect(stops).toBe(1);
  });

  test('one whose settings change goes on where it was, through any number of changes', async () => {
    const sink = new FakeSink();
    const destination = () => ({ name: 'same', ship: sink.ship });
    const logs = await bench.follow(sink.ship, {}, { destinations: [destination()] });
    for (let change = 0; change < 5; change++) {
      write();
      if (change === 2) await has(sink);
      logs.setDestinations([destination()]);
    }
    logs.setDestinations([]);
    expect([logs.status(), logs.files()]).toEqual([undefined, []]);
    logs.setDestinations([destination()]);
    write();
    await has(sink);
    expect(sink.messages()).toEqual(all());
  });

  test('none at the start, and one later', async () => {
    const sink = new FakeSink();
    const logs = await bench.follow(sink.ship, {}, { destinations: [] });
    write();
    logs.setDestinations([{ name: 'late', ship: sink.ship }]);
    await has(sink);
    expect(sink.messages()).toEqual(all());
  });

  test('a stop in the middle of a change ends what was begun', async () => {
    const sink = new FakeSink();
    let stops = 0;
    const destination = () => ({ name: 'same', ship: sink.ship, stop: () => void stops++ });
    const logs = await bench.follow(sink.ship, {}, { destinations: [destination()] });
    write();
    logs.setDestinations([destination()]);
    await bench.stop(logs);
    expect(stops).toBe(2);
    const before = sink.messages().length;
    const again = new FakeSink();
    await bench.follow(again.ship, {}, { destinations: [{ name: 'same', ship: again.ship }] });
    await until('what was left comes', () => new Set([...sink.messages(), ...again.messages()]).size === written);
    expect(sink.messages().length).toBe(before);
  });
});
