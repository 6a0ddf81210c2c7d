import { describe, expect, test } from 'vitest';
import { scrapeConfigSchema } from './config.ts';
import type { GroupChanges, TargetLabels } from './discovery/index.ts';
import { Relabeler } from '../relabel/relabel.ts';
import { TargetSet } from './target-set.ts';
import { resolveTarget } from './targets.ts';

function createSet(settings: object = {}) {
  const calls: string[] = [];
  const resolveBy = (settings: object) => {
    const job = scrapeConfigSchema.parse({ job_name: 'j', ...settings });
    const relabel = new Relabeler(job.relabel_configs);
    return (found: TargetLabels) => {
      calls.push(found.__address__);
      return resolveTarget(job, relabel, found, { interval: 15_000, timeout: 10_000 });
    };
  };
  return { set: new TargetSet(resolveBy(settings)), calls, resolveBy };
}

function group(addresses: readonly string[], labels: TargetLabels = {}, source = 'one'): GroupChanges {
  const targets = addresses.map((address) => ({ __address__: address }));
  return new Map([[source, targets.length === 0 ? undefined : { source, targets, labels }]]);
}

async function applied(set: TargetSet, changes: GroupChanges) {
  const { added, removed, rediscovered } = await set.apply(changes);
  return {
    added: added.map(({ url }) => url),
    removed: removed.map((identity) => identity.split('\n')[0]),
    rediscovered: rediscovered.map(({ url }) => url),
  };
}

const url = (address: string) => `http://${address}/metrics`;
const NOTHING = { added: [], removed: [], rediscovered: [] };

describe('a set of targets', () => {
  test('tells what came and what went, and resolves only what is new', async () => {
    const { set, calls } = createSet();
    expect(await applied(set, group(['a:1', 'b:1']))).toEqual({ ...NOTHING, added: [url('a:1'), url('b:1')] });
    calls.length = 0;
    expect(await applied(set, group(['b:1', 'c:1']))).toEqual({
      ...NOTHING,
      added: [url('c:1')],
      removed: [url('a:1')],
    });
    expect(calls).toEqual(['c:1']);
    expect(await applied(set, group([]))).toEqual({ ...NOTHING, removed: [url('b:1'), url('c:1')] });
    expect(set.size).toBe(0);
  });

  test('has a target once that is named twice, until no group names it', async () => {
    const { set } = createSet();
    expect((await applied(set, group(['a:1', 'a:1']))).added).toEqual([url('a:1')]);
    expect((await applied(set, group(['a:1'], {}, 'two'))).added).toEqual([]);
    expect(await applied(set, group([]))).toEqual({ ...NOTHING });
    expect((await applied(set, group([], {}, 'two'))).removed).toEqual([url('a:1')]);
  });

  test('a target that moves from one group to another in one change stays', async () => {
    const { set } = createSet();
    await set.apply(group(['a:1']));
    const both = new Map([...group([]), ...group(['a:1'], {}, 'two')]);
    expect((await applied(set, both)).removed).toEqual([]);
    expect(set.size).toBe(1);
  });

  test('other labels of a group make other targets; those that begin with __ only discover them anew', async () => {
    const { set } = createSet();
    await set.apply(group(['a:1'], { zone: 'x' }));
    expect(await applied(set, group(['a:1'], { zone: 'y' }))).toEqual({
      ...NOTHING,
      added: [url('a:1')],
      removed: [url('a:1')],
    });
    expect(await applied(set, group(['a:1'], { zone: 'y', __meta_x: '1' }))).toEqual({
      ...NOTHING,
      rediscovered: [url('a:1')],
    });
  });

  test('lists what was dropped, and why, as long as its group is there', async () => {
    const { set } = createSet({ relabel_configs: [{ source_labels: ['__address__'], regex: 'a.*', action: 'drop' }] });
    await set.apply(group(['a:1', 'b:1', 'c:99999']));
    expect([...set.dropped()].map(({ reason, isFault }) => [reason, isFault])).toEqual([
      ['relabel step 1: drop [__address__] by regex "a.*"', false],
      ['c:99999: port 99999 is above 65535', true],
    ]);
    await set.apply(group([]));
    expect([...set.dropped()]).toEqual([]);
  });

  test('by other rules keeps the targets that come out the same', async () => {
    const { set, resolveBy } = createSet();
    await set.apply(group(['a:1', 'b:1']));
    const relabel_configs = [{ source_labels: ['__address__'], regex: 'a.*', action: 'drop' }];
    const { added, removed } = await set.resolveBy(resolveBy({ relabel_configs }));
    expect({ added, removed: removed.length, left: set.size }).toEqual({ added: [], removed: 1, left: 1 });
  });
});
