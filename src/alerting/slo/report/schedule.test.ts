import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../lib/time/clock.ts';
import type { Query } from '../../../model/query.ts';
import type { Letter } from '../../receivers/kind.ts';
import { consoleRouting } from '../../routing/routing.ts';
import { quietLogger, sample, withFolder } from '../../testing.ts';
import { type ScheduledReport, reportFaults } from './due.ts';
import { ReportSchedule } from './schedule.ts';

const REPORT: ScheduledReport = { schedule: '0 7 1 * *', timezone: 'UTC', receiver: 'team' };
const BEFORE = Date.UTC(2026, 11, 1, 6, 59);
const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: BEFORE });
});
afterEach(() => {
  vi.useRealTimers();
});

const IDS = { sloth_id: 'shop-x', sloth_service: 'shop', sloth_slo: 'x' };
const query: Query = async (expr) => ({
  samples: expr.includes('slo:objective:ratio')
    ? [sample(IDS, 0.99)]
    : expr.includes('slo:current_burn_rate:ratio')
      ? [sample(IDS, 1.5)]
      : [],
  warnings: [],
  infos: [],
});

interface Office {
  readonly schedule: ReportSchedule;
  readonly letters: Letter[];
  /** Answers of the mail servers to come, '' for one that takes it; once empty all are taken. */
  readonly answers: string[];
}

function office(folder: string, mailers = 1): Office {
  const letters: Letter[] = [];
  const answers: string[] = [];
  const mail = async (letter: Letter) => {
    const error = answers.shift() ?? '';
    if (error !== '') return { ok: false, error };
    letters.push(letter);
    return { ok: true };
  };
  const schedule = new ReportSchedule({
    query,
    mailers: () => Array.from({ length: mailers }, () => mail),
    stateFile: join(folder, 'reports.json'),
    externalUrl: 'http://crowsnest',
    clock: systemClock,
    logger: quietLogger,
  });
  return { schedule, letters, answers };
}

async function noted(folder: string): Promise<string> {
  return readFile(join(folder, 'reports.json'), 'utf8').catch(() => '');
}

describe('a report on schedule', () => {
  test('goes out at its time, once for the month before', () =>
    withFolder(async (folder) => {
      const { schedule, letters } = office(folder);
      await schedule.start([REPORT]);
      await vi.advanceTimersByTimeAsync(30_000);
      expect(letters).toEqual([]);
      await vi.advanceTimersByTimeAsync(2 * MINUTE);
      await vi.waitFor(() => expect(letters).toHaveLength(1));
      const [{ subject, text, html, attachments }] = letters;
      expect(subject).toBe('Objectives in November 2026: 1 of 1 missed');
      expect(text).toContain('- **shop x**: 150 % of its budget was spent');
      expect(html).toContain('<td>x</td>');
      expect(attachments[0].filename).toBe('objectives-2026-11.csv');
      await vi.waitFor(async () => expect(await noted(folder)).toContain('"sent":"2026-11"'));
      await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE);
      expect(letters).toHaveLength(1);
      await schedule.stop();
    }));

  test('follows the clock of its time zone', () =>
    withFolder(async (folder) => {
      const { schedule, letters } = office(folder);
      // 08:00 in Berlin is 07:00 in UTC.
      await schedule.start([{ ...REPORT, schedule: '0 8 1 * *', timezone: 'Europe/Berlin' }]);
      await vi.advanceTimersByTimeAsync(2 * MINUTE);
      await vi.waitFor(() => expect(letters).toHaveLength(1));
      await schedule.stop();
    }));

  test('that a server refuses is tried again, and not sent again to whom has it', () =>
    withFolder(async (folder) => {
      const { schedule, letters, answers } = office(folder, 2);
      answers.push('', '451 try later', '451 try later');
      await schedule.start([REPORT]);
      await vi.advanceTimersByTimeAsync(10 * MINUTE);
      await vi.waitFor(() => expect(letters).toHaveLength(2));
      expect(new Set(letters.map(({ id }) => id)).size).toBe(1);
      await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE);
      expect(letters).toHaveLength(2);
      await schedule.stop();
    }));

  test('that was due while the process was down goes out at its start', () =>
    withFolder(async (folder) => {
      const first = office(folder);
      await first.schedule.start([REPORT]);
      await vi.waitFor(async () => expect(await noted(folder)).not.toBe(''));
      await first.schedule.stop();
      vi.setSystemTime(Date.UTC(2026, 11, 3));
      const second = office(folder);
      await second.schedule.start([REPORT]);
      await vi.waitFor(() => expect(second.letters).toHaveLength(1));
      await second.schedule.stop();
      const third = office(folder);
      await third.schedule.start([REPORT]);
      await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE);
      expect(third.letters).toEqual([]);
      await third.schedule.stop();
    }));
});

test('a report that could never go out is refused by its key', () => {
  const routing = consoleRouting();
  expect(reportFaults([{ schedule: '0 25 1 * *', timezone: 'Mars/Base', receiver: 'console' }], routing)).toEqual([
    { path: [0, 'schedule'], message: expect.stringContaining('"0 25 1 * *": hour') },
    { path: [0, 'timezone'], message: '"Mars/Base": expected a name such as Europe/Berlin' },
    { path: [0, 'receiver'], message: '"console" has no email_configs with addresses that are no templates' },
  ]);
  expect(reportFaults([{ ...REPORT, receiver: 'x' }], routing)[0].message).toBe('the routing file has no receiver "x"');
});
