import { beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../lib/time/clock.ts';
import { Discovery, type GroupChanges } from './discovery.ts';
import type { DiscoveryContext, TargetGroup } from './kind.ts';
import type { Provider } from './kinds.ts';

let clock: ManualClock;
let passed: Record<string, string[] | undefined>[];
let faults: (readonly string[])[];

/** Something that emits when the test says so. */
class Source {
  context: DiscoveryContext | undefined;
  started = () => {};
  stops = 0;
  readonly provider: Provider;

  constructor(id: string, { waits = false } = {}) {
    this.provider = {
      id,
      create: (context) => ({
        start: () => {
          this.context = context;
          return waits ? new Promise((resolve) => (this.started = resolve)) : Promise.resolve();
        },
        stop: () => {
          this.stops++;
          return Promise.resolve();
        },
      }),
    };
  }

  emit(source: string, ...addresses: string[]): void {
    this.context?.emit([groupOf(source, addresses)]);
  }
}

function groupOf(source: string, addresses: readonly string[]): TargetGroup {
  return { source, targets: addresses.map((address) => ({ __address__: address })), labels: {} };
}

function create(): Discovery {
  const note = (changes: GroupChanges) => {
    const entries = [...changes].map(([key, group]) => [
      key.replace('\n', '/'),
      group?.targets.map(({ __address__: address }) => address),
    ]);
    passed.push(Object.fromEntries(entries) as Record<string, string[] | undefined>);
  };
  return new Discovery(clock, note, (messages) => faults.push(messages));
}

beforeEach(() => {
  clock = new ManualClock(1_800_000_000_000);
  passed = [];
  faults = [];
});

describe('discovery', () => {
  test('passes the first groups on at once and later ones together, every five seconds', async () => {
    const source = new Source('a');
    await create().use([source.provider]);
    source.emit('x', 'h:1');
    expect(passed).toEqual([{ 'a/x': ['h:1'] }]);
    for (let i = 2; i < 100; i++) source.emit('x', `h:${i}`);
    source.emit('y', 'k:1');
    expect(passed).toHaveLength(1);
    await clock.advance(5000);
    expect(passed.slice(1)).toEqual([{ 'a/x': ['h:99'], 'a/y': ['k:1'] }]);
    await clock.advance(60_000);
    expect(passed).toHaveLength(2);
  });

  test('keeps a provider that is listed again, and its groups', async () => {
    const [kept, ended] = [new Source('kept'), new Source('ended')];
    const discovery = create();
    await discovery.use([kept.provider, ended.provider]);
    kept.emit('x', 'h:1');
    ended.emit('y', 'k:1');
    await discovery.use([new Source('kept').provider]);
    expect(passed).toEqual([{ 'kept/x': ['h:1'] }, { 'ended/y': undefined }]);
    expect([kept.stops, ended.stops]).toEqual([0, 1]);
    kept.emit('x', 'h:2');
    await clock.advance(5000);
    expect(passed.at(-1)).toEqual({ 'kept/x': ['h:2'] });
  });

  test('keeps the groups of an ended provider until the new one had its first try', async () => {
    const [old, next] = [new Source('old'), new Source('next', { waits: true })];
    const discovery = create();
    await discovery.use([old.provider]);
    old.emit('x', 'h:1');
    const used = discovery.use([next.provider]);
    await clock.advance(10_000);
    expect(passed).toHaveLength(1);
    next.started();
    next.emit('x', 'h:1');
    await used;
    expect(Object.assign({}, ...passed.slice(1))).toEqual({ 'next/x': ['h:1'], 'old/x': undefined });
  });

  test('tells the faults of all providers together, until they are over', async () => {
    const [a, b] = [new Source('a'), new Source('b')];
    await create().use([a.provider, b.provider]);
    a.context?.fault(['one']);
    b.context?.fault(['two']);
    a.context?.fault([]);
    b.context?.fault([]);
    b.context?.fault([]);
    expect(faults).toEqual([['one'], ['one', 'two'], ['two'], []]);
  });

  test('passes nothing on once it is stopped', async () => {
    const source = new Source('a');
    const discovery = create();
    await discovery.use([source.provider]);
    source.emit('x', 'h:1');
    source.emit('x', 'h:2');
    await discovery.stop();
    await clock.advance(60_000);
    expect(passed).toHaveLength(1);
    expect(source.stops).toBe(1);
  });
});
