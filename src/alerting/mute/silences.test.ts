import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../lib/time/clock.ts';
import { FaultyFileSystem } from '../../lib/testing/faulty-fs.ts';
import { Labels } from '../../model/labels.ts';
import type { SilenceDraft } from '../../model/silence.ts';
import { START, quietLogger, withFolder } from '../testing.ts';
import { stateOfSilence } from './silence.ts';
import { Silences } from './silences.ts';

const HOUR = 3_600_000;
const DOWN = Labels.of({ alertname: 'Down' });

function draft(more: Partial<SilenceDraft> = {}): SilenceDraft {
  return {
    matchers: [{ name: 'alertname', op: '=', value: 'Down' }], startsAt: START, endsAt: START + HOUR, createdBy: 'maya', comment: 'works',
    annotations: {}, ...more,
  }; // prettier-ignore
}

async function open(folder: string, more: { clock?: ManualClock; fs?: FaultyFileSystem; maxSilences?: number; compactAt?: number } = {}) {
  const { clock = new ManualClock(START) } = more;
  const silences = new Silences({ path: join(folder, 'silences.jsonl'), logger: quietLogger, ...more, clock });
  await silences.start();
  return { silences, clock };
} // prettier-ignore

describe('a silence', () => {
  test('mutes what it matches for its time, and outlives a restart', () =>
    withFolder(async (folder) => {
      const { silences, clock } = await open(folder);
      const id = await silences.set(draft());
      expect(silences.mutes(DOWN, clock.now())).toEqual([id]);
      expect(silences.mutes(Labels.of({ alertname: 'Up' }), clock.now())).toEqual([]);
      expect(silences.mutes(DOWN, START + HOUR)).toEqual([]);
      await silences.stop();
      const again = await open(folder, { clock });
      expect(again.silences.mutes(DOWN, clock.now())).toEqual([id]);
      await again.silences.stop();
    }));

  test('keeps its id where its end or comment changes, and gets a new one where its matchers do', () =>
    withFolder(async (folder) => {
      const { silences, clock } = await open(folder);
      const id = await silences.set(draft());
      await clock.advance(60_000);
      expect(await silences.set(draft({ id, endsAt: START + 2 * HOUR, comment: 'more' }))).toBe(id);
      expect(silences.get(id)).toMatchObject({ endsAt: START + 2 * HOUR, comment: 'more', startsAt: START });
      const matchers = [{ name: 'alertname', op: '=~', value: 'Down|Up' }] as const;
      const next = await silences.set(draft({ id, matchers }));
      expect(next).not.toBe(id);
      expect(stateOfSilence(silences.get(id)!, clock.now())).toBe('expired');
      expect(silences.get(next)).toMatchObject({ matchers, startsAt: clock.now() });
      await silences.stop();
    }));

  test('that has not begun yet can be moved, and ends without having begun', () =>
    withFolder(async (folder) => {
      const { silences, clock } = await open(folder);
      const id = await silences.set(draft({ startsAt: START + HOUR, endsAt: START + 2 * HOUR }));
      expect(stateOfSilence(silences.get(id)!, START)).toBe('pending');
      expect(await silences.set(draft({ id, startsAt: START + HOUR / 2, endsAt: START + 2 * HOUR }))).toBe(id);
      await silences.expire(id);
      expect(stateOfSilence(silences.get(id)!, clock.now())).toBe('expired');
      await silences.expire(id);
      await silences.stop();
    }));

  test.each<[string, Partial<SilenceDraft>, string]>([
    ['without a span', { endsAt: START }, 'start time must be before end time'],
    ['in the past', { startsAt: START - 2 * HOUR, endsAt: START - HOUR }, "end time can't be in the past"],
    ['for every alert', { matchers: [{ name: 'a', op: '=~', value: '.*' }] }, 'at least one matcher must not match the empty string'],
    ['for every alert but some', { matchers: [{ name: 'a', op: '!=', value: 'b' }] }, 'at least one matcher must not match the empty string'],
    ['with a pattern that is none', { matchers: [{ name: 'a', op: '=~', value: '(' }] }, 'invalid regular expression "("'],
    ['under an id that nothing has', { id: '11111111-1111-1111-1111-111111111111' }, 'silence not found'],
  ])('%s is refused', (_what, more, words) =>
    withFolder(async (folder) => {
      const { silences } = await open(folder);
      await expect(silences.set(draft(more))).rejects.toThrow(words);
      expect(silences.all()).toEqual([]);
      await silences.stop();
    })); // prettier-ignore

  test('is listed for five days after its end, then gone', () =>
    withFolder(async (folder) => {
      const { silences, clock } = await open(folder);
      await silences.set(draft());
      await clock.advance(HOUR + 120 * HOUR - 1);
      expect(silences.all()).toHaveLength(1);
      await clock.advance(1);
      expect(silences.all()).toEqual([]);
      await silences.stop();
    }));

  test('on top of the bound is refused, with the bound named', () =>
    withFolder(async (folder) => {
      const { silences } = await open(folder, { maxSilences: 1 });
      await silences.set(draft());
      await expect(silences.set(draft())).rejects.toThrow('there are 1 silences');
      await silences.stop();
    }));

  test('that the disk does not take is refused and mutes nothing', () =>
    withFolder(async (folder) => {
      const fs = new FaultyFileSystem();
      const { silences } = await open(folder, { fs });
      fs.fail('write', { error: 'ENOSPC', written: 20 });
      await expect(silences.set(draft())).rejects.toThrow('ENOSPC');
      expect(silences.mutes(DOWN, START)).toEqual([]);
      expect(silences.mutes(DOWN, START)).toEqual([]);
      const id = await silences.set(draft());
      expect(silences.mutes(DOWN, START)).toEqual([id]);
      await silences.stop();
    }));

  test('that was promised is there after a kill at any call', () =>
    withFolder(async (folder) => {
      for (let after = 0; ; after++) {
        const own = join(folder, String(after));
        const fs = new FaultyFileSystem();
        const promised: string[] = [];
        try {
          const { silences } = await open(own, { fs, compactAt: 300 });
          fs.killAfter(after);
          for (let i = 0; i < 5; i++) promised.push(await silences.set(draft({ comment: String(i) })));
          await silences.stop();
        } catch {
          // Killed.
        }
        const { silences } = await open(own);
        expect(silences.mutes(DOWN, START)).toEqual(expect.arrayContaining(promised));
        await silences.stop();
        if (!fs.killed) break;
      }
    }));

  test('of another replica counts where it is the later version', () =>
    withFolder(async (folder) => {
      const { silences } = await open(folder);
      const id = await silences.set(draft());
      const known = silences.get(id)!;
      await silences.merge([{ ...known, endsAt: START + 9 * HOUR, updatedAt: known.updatedAt - 1 }]);
      expect(silences.get(id)?.endsAt).toBe(START + HOUR);
      await silences.merge([{ ...known, endsAt: START + 9 * HOUR, updatedAt: known.updatedAt + 1 }]);
      expect(silences.get(id)?.endsAt).toBe(START + 9 * HOUR);
      await silences.stop();
    }));
});
