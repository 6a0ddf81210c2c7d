import { StoreError } from '../errors.ts';
import type { CompareOp } from './kql.ts';

const DAY = 86_400_000;
/** Milliseconds of the smallest part that a time names, by how many parts there are. */
const UNITS = [DAY, 3_600_000, 60_000, 1000, 1];
const FORM =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?$/;

/** The milliseconds that a time stands for, first and last: a whole day, hour, minute or second where it says no more. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/** The SQL condition of `@timestamp`. Times without a zone are UTC. @throws {StoreError} `bad_query`. */
export function timeCondition(op: CompareOp | ':', text: string): string {
  const { first, last } = spanOf(text);
  switch (op) {
    case ':':
      return `ts between ${first} and ${last}`;
    case '<':
      return `ts < ${first}`;
    case '<=':
      return `ts <= ${last}`;
    case '>':
      return `ts > ${last}`;
    case '>=':
      return `ts >= ${first}`;
  }
}

function spanOf(text: string): Span {
  const found = FORM.exec(text);
  const first = found === null ? NaN : startOf(found);
  if (found === null || Number.isNaN(first)) {
    throw new StoreError(
      'bad_query',
      `${JSON.stringify(text)} is no time; expected one such as 2026-11-30 or 2026-11-30T20:15:00Z`,
    );
  }
  const [, year, month, day, hour, minute, second, fraction] = found;
  if (month === undefined) return { first, last: Date.UTC(Number(year) + 1, 0) - 1 };
  if (day === undefined) return { first, last: Date.UTC(Number(year), Number(month)) - 1 };
  const parts = [hour, minute, second, fraction].filter((part) => part !== undefined).length;
  return { first, last: first + UNITS[parts] - 1 };
}

function startOf([
  ,
  year,
  month = '01',
  day = '01',
  hour = '00',
  minute = '00',
  second = '00',
  fraction = '',
  zone = 'Z',
]: RegExpExecArray): number {
  const colon = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}${colon}`);
  // JavaScript takes 31 February for 3 March.
  const isReal = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return isReal ? ms : NaN;
}
