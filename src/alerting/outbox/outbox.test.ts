import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ManualClock } from '../../lib/time/clock.ts';
import type { Notification } from '../../model/alert.ts';
import { Labels } from '../../model/labels.ts';
import { NotificationLog } from '../notification-log.ts';
import { type Attempt, Outbox } from './outbox.ts';
import { START, quietLogger, withFolder } from '../testing.ts';

const DEDUP = { firing: ['f'], resolved: [], at: START };
const KEEP = 86_400_000;
const SENT: Attempt = { ok: true, receipt: '250 OK' };
const AWAY: Attempt = { ok: false, retry: true, error: 'connection refused' };
const REFUSED: Attempt = { ok: false, retry: false, error: 'unexpected status code 400' };

function notification(id: string, groupKey = 'g'): Notification {
  return {
    id,
    groupKey,
    receiver: 'team',
    groupLabels: Labels.of({ a: 'b' }),
    status: 'firing',
    reason: 'first notification',
    alerts: [],
    createdAt: START,
  };
}

let open: { stop(): Promise<void> }[] = [];
/** A folder for one test; every outbox in it has stopped before it goes. */
function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    try {
      await run(folder);
    } finally {
      for (const each of open) await each.stop();
      open = [];
    }
  });
}

interface Bench {
  readonly outbox: Outbox;
  readonly log: NotificationLog;
  readonly clock: ManualClock;
  /** Ids of the notifications that were tried, in order. */
  readonly tried: string[];
  /** What the other side answers from now on. */
  answer: Attempt;
}

async function begin(folder: string, answer: Attempt, options = {}, clock = new ManualClock(START)): Promise<Bench> {
  const tried: string[] = [];
  const bench = { clock, tried, answer } as { -readonly [K in keyof Bench]: Bench[K] };
  const log = new NotificationLog({ path: join(folder, 'log.jsonl'), logger: quietLogger, clock });
  await log.start();
  bench.log = log;
  bench.outbox = new Outbox({
    path: join(folder, 'outbox.jsonl'),
    deliver: ({ id }) => {
      tried.push(id);
      return Promise.resolve(bench.answer);
    },
    logger: quietLogger,
    clock,
    maxWaiting: 100,
    giveUpAfter: 86_400_000,
    history: 100,
    log,
    ...options,
  });
  open.push(bench.outbox, log);
  await bench.outbox.start();
  return bench;
}

function states({ outbox }: Bench): string[] {
  return outbox.deliveries().map(({ notification: id, state, attempts }) => `${id} ${state} ${attempts}`);
}

describe('the outbox', () => {
  test('tries again with growing pauses until the other side takes it, and keeps the receipt', () =>
    inFolder(async (folder) => {
      const bench = await begin(folder, AWAY);
      await bench.outbox.queue(notification('n1'), 'team/webhook/0', DEDUP, KEEP);
      await vi.waitFor(() => expect(states(bench)).toEqual(['n1 waiting 1']));
      expect(bench.outbox.deliveries()[0].lastError).toBe('connection refused');
      for (const [ms, tries] of [
        [1000, 2],
        [2000, 3],
      ]) {
        await bench.clock.advance(ms);
        await vi.waitFor(() => expect(bench.tried).toHaveLength(tries));
      }
      bench.answer = SENT;
      await bench.clock.advance(60_000);
      await vi.waitFor(() => expect(states(bench)).toEqual(['n1 sent 4']));
      expect(bench.outbox.deliveries()[0]).toMatchObject({ receipt: '250 OK', lastError: '' });
    }));

  test('does not try again what the other side refuses for good', () =>
    inFolder(async (folder) => {
      const bench = await begin(folder, REFUSED);
      await bench.outbox.queue(notification('n1'), 'team/webhook/0', DEDUP, KEEP);
      await vi.waitFor(() => expect(states(bench)).toEqual(['n1 failed 1']));
      await bench.clock.advance(600_000);
      expect(bench.tried).toEqual(['n1']);
    }));

  test('gives up after its time and says so', () =>
    inFolder(async (folder) => {
      const bench = await begin(folder, AWAY, { giveUpAfter: 30_000 });
      await bench.outbox.queue(notification('n1'), 'team/webhook/0', DEDUP, KEEP);
      await vi.waitFor(async () => {
        await bench.clock.advance(5000);
        expect(bench.outbox.deliveries()[0].state).toBe('failed');
      });
      expect(bench.outbox.deliveries()[0].lastError).toMatch(/^given up after \d+ tries: connection refused$/);
    }));

  test('goes on after a crash with what was waiting, and only with that', () =>
    inFolder(async (folder) => {
      const before = await begin(folder, SENT);
      await before.outbox.queue(notification('sent'), 'team/webhook/0', DEDUP, KEEP);
      await vi.waitFor(() => expect(states(before)).toEqual(['sent sent 1']));
      before.answer = AWAY;
      await before.outbox.queue(notification('left', 'h'), 'team/webhook/0', DEDUP, KEEP);
      await vi.waitFor(() => expect(states(before)).toContain('left waiting 1'));

      const after = await begin(folder, SENT);
      await vi.waitFor(() => expect(states(after)).toEqual(['left sent 1', 'sent sent 1']));
      expect(after.tried).toEqual(['left']);
      expect(after.log.get('team/webhook/0', 'g')).toMatchObject({ firing: ['f'], notification: 'sent' });
    }));

  test.each(['null', '7', '{"type":"queued","notificatio":{}}', '{"typ":"ended"}', 'garbage'])(
    'a line `%s` is set aside and costs nothing else',
    (line) =>
      inFolder(async (folder) => {
        const before = await begin(folder, AWAY);
        await before.outbox.queue(notification('n1'), 'team/webhook/0', DEDUP, KEEP);
        await before.outbox.stop();
        await appendFile(
          join(folder, 'outbox.jsonl'),
          `${line}
`,
        );
        const after = await begin(folder, SENT);
        await vi.waitFor(() => expect(states(after)).toEqual(['n1 sent 1']));
        expect(await readFile(join(folder, 'outbox.jsonl.damaged'), 'utf8')).toContain(line);
      }),
  );

  test('a line that a crash cut off is no loss', () =>
    inFolder(async (folder) => {
      const before = await begin(folder, AWAY);
      await before.outbox.queue(notification('n1'), 'team/webhook/0', DEDUP, KEEP);
      await before.outbox.stop();
      await appendFile(join(folder, 'outbox.jsonl'), '1f3c9a02 27 {"type":"queued","notifica');
      const after = await begin(folder, SENT);
      await vi.waitFor(() => expect(states(after)).toEqual(['n1 sent 1']));
    }));

  test('what was accepted just before a crash is not sent again', () =>
    inFolder(async (folder) => {
      const before = await begin(folder, AWAY);
      await before.outbox.queue(notification('n1'), 'team/webhook/0', DEDUP, KEEP);
      await vi.waitFor(() => expect(states(before)).toEqual(['n1 waiting 1']));
      await before.log.record('team/webhook/0', 'g', { ...DEDUP, expiresAt: START + KEEP, notification: 'n1' });
      const after = await begin(folder, SENT);
      expect(states(after)).toEqual(['n1 sent 0']);
      expect(after.tried).toEqual([]);
    }));

  test('lets a newer notification of a group take the place of one that waits', () =>
    inFolder(async (folder) => {
      const bench = await begin(folder, AWAY);
      await bench.outbox.queue(notification('old'), 'team/webhook/0', DEDUP, KEEP);
      await vi.waitFor(() => expect(states(bench)).toEqual(['old waiting 1']));
      bench.answer = SENT;
      await bench.outbox.queue(notification('new'), 'team/webhook/0', DEDUP, KEEP);
      await vi.waitFor(() => expect(states(bench)).toEqual(['new sent 1', 'old superseded 1']));
      expect(bench.outbox.deliveries()[1].lastError).toBe('a newer notification of the group took its place');
    }));

  test('one integration that is away does not hold up another', () =>
    inFolder(async (folder) => {
      const outcome: Record<string, Attempt> = { 'team/email/0': AWAY, 'team/webhook/0': SENT };
      const bench = await begin(folder, SENT, {
        deliver: (_: Notification, integration: string) => Promise.resolve(outcome[integration]),
      });
      await bench.outbox.queue(notification('n1'), 'team/email/0', DEDUP, KEEP);
      await bench.outbox.queue(notification('n1'), 'team/webhook/0', DEDUP, KEEP);
      await vi.waitFor(() => expect(states(bench)).toEqual(['n1 waiting 1', 'n1 sent 1']));
    }));

  test('holds no more than it may: the oldest gives way', () =>
    inFolder(async (folder) => {
      const bench = await begin(folder, AWAY, { maxWaiting: 2 });
      for (const id of ['n1', 'n2', 'n3'])
        await bench.outbox.queue(notification(id, id), 'team/webhook/0', DEDUP, KEEP);
      const failed = bench.outbox.deliveries().filter((delivery) => delivery.state === 'failed');
      expect(failed.map((delivery) => [delivery.notification, delivery.lastError])).toEqual([
        ['n1', 'more than 2 deliveries are waiting'],
      ]);
    }));

  test('keeps the file small: what has ended goes, what receivers were told stays', () =>
    inFolder(async (folder) => {
      const bench = await begin(folder, SENT, { history: 5, compactAt: 20_000 });
      for (let i = 0; i < 100; i++)
        await bench.outbox.queue(notification(`n${i}`, `g${i}`), 'team/webhook/0', DEDUP, KEEP);
      await vi.waitFor(() => expect(bench.tried).toHaveLength(100));
      await bench.outbox.stop();
      const after = await begin(folder, SENT, { history: 5 });
      expect((await readFile(join(folder, 'outbox.jsonl'))).length).toBeLessThan(50_000);
      expect(after.log.get('team/webhook/0', 'g0')).toMatchObject({ firing: ['f'] });
      expect(after.outbox.deliveries().every((delivery) => delivery.state === 'sent')).toBe(true);
      expect(after.tried).toEqual([]);
    }));

  test('delivers although its file cannot be written anew', () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, 'outbox.jsonl.tmp'));
      await writeFile(join(folder, 'outbox.jsonl'), '\n');
      const bench = await begin(folder, SENT, { compactAt: 0 });
      for (const id of ['n1', 'n2']) await bench.outbox.queue(notification(id, id), 'team/webhook/0', DEDUP, KEEP);
      await vi.waitFor(() => expect(states(bench)).toEqual(['n2 sent 1', 'n1 sent 1']));
    }));
});
