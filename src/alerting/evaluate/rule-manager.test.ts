import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ManualClock } from '../../lib/time/clock.ts';
import type { RuleGroup } from '../../model/rule.ts';
import type { SampleBatch } from '../../model/sample.ts';
import { parse } from '../../promql/index.ts';
import { parseRuleFile } from '../rules/parse.ts';
import { START, fakeQuery, quietLogger, sample, withFolder, written } from '../testing.ts';
import { RESTORE_DEFAULTS } from './restore.ts';
import { RuleManager } from './rule-manager.ts';

const MINUTE = 60_000;

function groupsOf(rules: string): RuleGroup[] {
  const text = `groups: [{name: g, interval: 10s, rules: [${rules}]}]`;
  return parseRuleFile(text, 'rules.yml', { parseExpr: parse, interval: MINUTE });
}

const ONE = '{record: one, expr: a}';
const TWO = '{record: two, expr: a}';

/** A manager of the rules one and two, which have run, over a store that refuses everything while `store.full` is set. */
async function begin(folder: string) {
  const clock = new ManualClock(START);
  const batches: SampleBatch[] = [];
  const store = { full: false };
  const manager = new RuleManager({
    context: { query: fakeQuery(new Map([['a', [sample({ x: 'y' }, 1)]]])), externalLabels: {}, externalUrl: '' },
    write: async (batch) => {
      if (store.full) throw new Error('no space left on the disk');
      batches.push({ ...batch, values: batch.values.slice(), timestamps: batch.timestamps.slice() });
      return { accepted: batch.values.length, refused: {} };
    },
    readable: 'at_once',
    logger: quietLogger,
    clock,
    stateFile: join(folder, 'alerts.json'),
    restore: RESTORE_DEFAULTS,
    onAlerts: () => undefined,
    onOrphans: () => undefined,
  });
  await manager.start(groupsOf(`${ONE}, ${TWO}`));
  /** The group's next round, and its end with this health of its rules. */
  const round = async (health: string) => {
    const before = manager.status()[0].lastEvaluation;
    await clock.advance(10_000);
    await vi.waitFor(() => {
      const [status] = manager.status();
      expect(status.lastEvaluation).toBeGreaterThan(before);
      expect(status.rules.every((rule) => rule.health === health)).toBe(true);
    });
  };
  await round('ok');
  return { manager, clock, batches, store, round };
}

const staleOf = (batches: readonly SampleBatch[]) => written(batches).filter((line) => line.includes('stale'));

test('rule groups applied while the store refuses writes go on, and what ended is marked stale once the store takes writes', () =>
  withFolder(async (folder) => {
    const { manager, clock, batches, store, round } = await begin(folder);
    store.full = true;
    await manager.apply(groupsOf(ONE));
    await round('err');
    await round('err');
    expect(staleOf(batches)).toEqual([]);
    store.full = false;
    await round('ok');
    await clock.advance(30_000);
    await vi.waitFor(() => expect(staleOf(batches)).toEqual([expect.stringContaining('two{x="y"} stale')]));
    // Written once, and not at each later round.
    await clock.advance(30_000);
    await round('ok');
    expect(staleOf(batches)).toHaveLength(1);
    await manager.stop();
  }));

test('a marker that the store refuses for longer than a query looks back is not written any more', () =>
  withFolder(async (folder) => {
    const { manager, clock, batches, store, round } = await begin(folder);
    store.full = true;
    await manager.apply(groupsOf(ONE));
    for (let minute = 0; minute < 7; minute++) await clock.advance(MINUTE);
    store.full = false;
    await round('ok');
    await clock.advance(MINUTE);
    await round('ok');
    expect(staleOf(batches)).toEqual([]);
    await manager.stop();
  }));
