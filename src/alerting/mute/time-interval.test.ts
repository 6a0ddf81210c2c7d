import { describe, expect, test } from 'vitest';
import { containsTime, timeIntervalSchema } from './time-interval.ts';

function contains(interval: object, at: string): boolean {
  return containsTime(timeIntervalSchema.parse(interval), Date.parse(at));
}

describe('a time interval', () => {
  test.each<[string, object, string, boolean]>([
    ['without any part holds always', {}, '2026-11-21T10:30:00Z', true],
    ['begins at its start', { times: [{ start_time: '09:00', end_time: '17:00' }] }, '2026-11-21T09:00:00Z', true],
    ['ends before its end', { times: [{ start_time: '09:00', end_time: '17:00' }] }, '2026-11-21T17:00:00Z', false],
    ['lasts to its last second', { times: [{ start_time: '09:00', end_time: '17:00' }] }, '2026-11-21T16:59:59Z', true],
    ['may end at midnight', { times: [{ start_time: '22:00', end_time: '24:00' }] }, '2026-11-21T23:59:59Z', true],
    ['has one of several times', { times: [{ start_time: '00:00', end_time: '01:00' }, { start_time: '10:00', end_time: '11:00' }] }, '2026-11-21T10:30:00Z', true],
    ['knows weekdays, both ends included', { weekdays: ['monday:friday'] }, '2026-11-20T10:00:00Z', true],
    ['knows the weekend', { weekdays: ['Saturday', 'sunday'] }, '2026-11-20T10:00:00Z', false],
    ['counts days from the end of the month', { days_of_month: ['-3:-1'] }, '2026-02-26T00:00:00Z', true],
    ['leaves out the day before', { days_of_month: ['-3:-1'] }, '2026-02-25T23:59:59Z', false],
    ['knows leap years', { days_of_month: ['-1'] }, '2028-02-29T12:00:00Z', true],
    ['skips days that a month lacks', { days_of_month: ['31'] }, '2026-02-28T12:00:00Z', false],
    ['ends a range with the month', { days_of_month: ['25:31'] }, '2026-02-28T12:00:00Z', true],
    ['joins a day and one from the end', { days_of_month: ['10:-10'] }, '2026-02-19T12:00:00Z', true],
    ['reads months by name and by number', { months: ['november', '1:3'] }, '2026-02-19T12:00:00Z', true],
    ['knows years', { years: ['2020:2025', '2026'] }, '2027-02-19T12:00:00Z', false],
    ['holds only where all parts do', { weekdays: ['saturday'], months: ['may'] }, '2026-11-21T10:30:00Z', false],
    ['is read by the clock of its zone', { times: [{ start_time: '09:00', end_time: '10:00' }], location: 'America/New_York' }, '2026-11-21T14:30:00Z', true],
    ['follows summer time', { times: [{ start_time: '09:00', end_time: '10:00' }], location: 'America/New_York' }, '2026-07-21T13:30:00Z', true],
    ['has the date of its zone', { days_of_month: ['22'], location: 'Asia/Tokyo' }, '2026-11-21T15:00:00Z', true],
    ['is in UTC where it names no zone', { times: [{ start_time: '10:00', end_time: '11:00' }], location: null }, '2026-11-21T10:30:00Z', true],
  ])('%s', (_what, interval, at, expected) => {
    expect(contains(interval, at)).toBe(expected);
  }); // prettier-ignore

  test.each<[string, object, string]>([
    ['a time that is none', { times: [{ start_time: '9:00', end_time: '10:00' }] }, 'expected a time such as 09:30'],
    ['a range over midnight', { times: [{ start_time: '22:00', end_time: '06:00' }] }, 'start_time must be before end_time'],
    ['a weekday that is none', { weekdays: ['montag'] }, 'expected a weekday'],
    ['weekdays the wrong way round', { weekdays: ['friday:monday'] }, 'ends before it begins'],
    ['a 32nd day', { days_of_month: ['1:32'] }, 'expected a day from 1 to 31'],
    ['day nought', { days_of_month: ['0'] }, 'expected a day'],
    ['days from the end up to one from the start', { days_of_month: ['-3:2'] }, 'begins at the end of a month'],
    ['a 13th month', { months: ['13'] }, 'expected a month'],
    ['a zone that is not known', { location: 'Europe/Dublino' }, 'expected a name such as Europe/Dublin'],
    ['a misspelt key', { weekday: ['monday'] }, 'weekday'],
  ])('is refused for %s', (_what, interval, words) => {
    expect(() => timeIntervalSchema.parse(interval)).toThrow(words);
  }); // prettier-ignore
});
