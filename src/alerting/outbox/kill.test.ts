import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ManualClock } from '../../lib/time/clock.ts';
import { FaultyFileSystem } from '../../lib/testing/faulty-fs.ts';
import type { Alert } from '../../model/alert.ts';
import { Labels } from '../../model/labels.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { NotificationLog } from '../notification-log.ts';
import { AlertProvider } from '../provider.ts';
import { parseRouting } from '../routing/parse-routing.ts';
import { START, quietLogger, withFolder } from '../testing.ts';
import { type Attempt, Outbox } from './outbox.ts';

const ROUTING = parseRouting(
  'route: {receiver: r, group_by: [alertname], group_wait: 0s, group_interval: 10s}\nreceivers: [{name: r, console_configs: [{}]}]\n',
  'am.yml',
);

function alert(name: string, endsAt: number): Alert {
  const labels = Labels.of({ alertname: name });
  return {
    labels, annotations: {}, startsAt: START - 60_000, endsAt, generatorURL: '', fingerprint: fingerprintOf(labels), value: 1, provenance: {},
    fields: { playbook: '', owner: '', region: '', datacenter: '', affected: '' },
  }; // prettier-ignore
}

const FIRING = (name: string) => alert(name, START + 3_600_000);

/** `firing A`, in the order in which the receiver accepted them. */
type Accepted = string[];

/** Dispatch, outbox and notification log of one process over a folder. */
async function process(folder: string, clock: ManualClock, accepted: Accepted, fs?: FaultyFileSystem, answers: Attempt[] = []) {
  const log = new NotificationLog({ path: join(folder, 'log.jsonl'), logger: quietLogger, clock, fs, compactAt: 600 });
  await log.start();
  const outbox: Outbox = new Outbox({
    path: join(folder, 'outbox.jsonl'), log, logger: quietLogger, clock, fs, compactAt: 1500, maxWaiting: 100, giveUpAfter: 86_400_000, history: 10,
    deliver: async ({ status, alerts }) => {
      if (fs?.killed) return { ok: false, retry: true, error: 'killed' };
      const answer = answers.shift() ?? { ok: true, receipt: 'taken' };
      if (answer.ok) accepted.push(`${status} ${alerts.map(({ labels }) => labels.get('alertname')).join(',')}`);
      return answer;
    },
    onEnd: ({ id }, { state }) => dispatcher.ended(id, state === 'sent'),
  });
  const provider = new AlertProvider({ maxAlerts: 100, onDrop: () => undefined });
  const dispatcher = new Dispatcher(ROUTING, {
    provider, log, outbox, clock, silences: { mutes: () => [] }, onQueued: () => undefined, onMuted: () => undefined, onError: () => undefined,
  });
  await outbox.start();
  const stop = async () => {
    await dispatcher.stop();
    await outbox.stop();
    await log.stop();
  };
  return { provider, outbox, stop };
} // prettier-ignore

/** Moves the clock on until it holds: what the disk and the receiver do in between takes its time. */
function until(clock: ManualClock, holds: () => boolean): Promise<void> {
  return vi.waitFor(
    async () => {
      await clock.advance(500);
      if (!holds()) throw new Error('not yet');
    },
    { interval: 2, timeout: 60_000 },
  );
}

/** Both alerts fire, then A ends; over when all of it was accepted or the process was killed. */
async function life(folder: string, clock: ManualClock, accepted: Accepted, fs?: FaultyFileSystem): Promise<void> {
  const { provider, outbox, stop } = await process(folder, clock, accepted, fs);
  const idle = () => fs?.killed === true || outbox.deliveries().every(({ state }) => state !== 'waiting');
  provider.put([FIRING('A'), FIRING('B')], clock.now());
  await until(clock, () => (fs?.killed === true || accepted.length >= 2) && idle());
  provider.put([alert('A', clock.now()), FIRING('B')], clock.now());
  await until(clock, () => (fs?.killed === true || accepted.length >= 3) && idle());
  await stop();
}

const RIGHT = ['firing A', 'firing B', 'resolved A'];

describe('from dispatch to the receiver', () => {
  test('a process that is never killed delivers each notification once', () =>
    withFolder(async (folder) => {
      const accepted: Accepted = [];
      await life(folder, new ManualClock(START), accepted);
      expect(accepted.toSorted()).toEqual(RIGHT);
    }));

  test(
    'a kill at any call to the disk loses nothing, and repeats no more than what was under way',
    () =>
      withFolder(async (folder) => {
        let [kills, repeated] = [0, 0];
        for (let after = 0; ; after++) {
          const own = join(folder, String(after));
          const clock = new ManualClock(START);
          const fs = new FaultyFileSystem();
          fs.killAfter(after);
          const accepted: Accepted = [];
          await life(own, clock, accepted, fs).catch((error: unknown) => {
            if (!fs.killed) throw error;
          });
          if (!fs.killed) break;
          kills++;
          // A new process finds both firing, then that A is over.
          const { provider, outbox, stop } = await process(own, clock, accepted);
          const idle = () => outbox.deliveries().every(({ state }) => state !== 'waiting');
          if (!accepted.includes('resolved A')) {
            provider.put([FIRING('A'), FIRING('B')], clock.now());
            await until(clock, () => accepted.includes('firing A') && accepted.includes('firing B') && idle());
          }
          provider.put([alert('A', clock.now()), FIRING('B')], clock.now());
          await until(clock, () => accepted.includes('resolved A') && idle());
          await stop();
          expect([after, [...new Set(accepted)].toSorted()]).toEqual([after, RIGHT]);
          repeated += accepted.length - 3;
          // One for each of the two lanes.
          expect(accepted.length).toBeLessThanOrEqual(3 + 2);
        }
        expect(kills).toBeGreaterThan(8);
        expect(repeated).toBeLessThan(kills * 2);
      }),
    180_000,
  );

  test.each<[string, Attempt[]]>([
    ['refuses once', [{ ok: false, retry: false, error: '403' }]],
    ['is away for a while', Array.from({ length: 4 }, () => ({ ok: false, retry: true, error: '500' }))],
    [
      'refuses, then is away',
      [
        { ok: false, retry: false, error: '403' },
        { ok: false, retry: true, error: 'reset' },
      ],
    ],
  ])('a receiver that %s gets each state once', (_what, answers) =>
    withFolder(async (folder) => {
      const accepted: Accepted = [];
      const clock = new ManualClock(START);
      const { provider, stop } = await process(folder, clock, accepted, undefined, [...answers]);
      provider.put([FIRING('A')], clock.now());
      await until(clock, () => accepted.length > 0);
      provider.put([alert('A', clock.now())], clock.now());
      await until(clock, () => accepted.length > 1);
      expect(accepted).toEqual(['firing A', 'resolved A']);
      await stop();
    }),
  );

  test('a disk that takes nothing does not keep a page from going out', () =>
    withFolder(async (folder) => {
      const fs = new FaultyFileSystem();
      const clock = new ManualClock(START);
      const accepted: Accepted = [];
      const { provider, stop } = await process(folder, clock, accepted, fs);
      fs.failAlways('write', { error: 'ENOSPC', written: 7 });
      provider.put([FIRING('A')], clock.now());
      await until(clock, () => accepted.length > 0);
      fs.failAlways('write', undefined);
      provider.put([FIRING('A'), FIRING('B')], clock.now());
      await until(clock, () => accepted.length > 1);
      await stop();
      expect(accepted).toEqual(['firing A', 'firing B']);
    }));
});
