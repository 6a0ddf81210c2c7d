import { describe, expect, test } from 'vitest';
import type { Format } from './format.ts';
import { TailReader } from './tail.ts';

function read(line: string, format: Format = 'text') {
  const page = Buffer.from(`${line}\n`);
  const tail = new TailReader(format);
  const value = tail.read(page, 0);
  return { value, tail, whole: tail.end === page.length };
}

describe('a value', () => {
  test.each([
    [' 0', 0],
    [' 1027', 1027],
    ['\t3.14', 3.14],
    [' -1.5e-7', -1.5e-7],
    [' +5', 5],
    [' 1.', 1],
    [' .5', 0.5],
    [' 1e22', 1e22],
    [' 1.7976931348623157e+308', Number.MAX_VALUE],
    [' 5e-324', 5e-324],
    [' 0.1234567890123456789', 0.12345678901234568],
    [' 9007199254740993', 9007199254740992],
    [' 1795263273.000123456', 1795263273.0001235],
    [' -0', -0],
    [' +Inf', Infinity],
    [' -inf', -Infinity],
    [' INFINITY', Infinity],
    [' NaN', NaN],
    [' nan', NaN],
    ['  7  ', 7],
  ])('%j is read as Go reads it', (line, value) => {
    const { value: given, whole } = read(line);
    expect(whole).toBe(true);
    expect(given).toBe(value);
  });

  test.each([
    [''],
    [' '],
    [' abc'],
    [' 1_000'],
    [' 0x1p4'],
    [' 0x10'],
    [' 1e'],
    [' 1e400'],
    [' --1'],
    [' +NaN'],
    [' 1,5'],
    [` ${'1'.repeat(2000)}`],
    [` 0.${'x'.repeat(2000)}`],
  ])('%j is none', (line) => {
    const { tail } = read(line);
    expect(tail.end).toBe(-1);
    expect(tail.fault).toBe('value');
  });

  test('random numbers come out bit for bit as JavaScript reads them', () => {
    for (let i = 0; i < 20_000; i++) {
      const number = (Math.random() - 0.5) * 10 ** Math.floor(Math.random() * 40 - 20);
      for (const text of [String(number), number.toExponential(8), number.toFixed(6)])
        expect(read(` ${text}`).value).toBe(Number(text));
    }
  });
});

describe('a timestamp', () => {
  test.each<[string, Format, number]>([
    [' 1 1395066363000', 'text', 1395066363000],
    [' 1 -3982045', 'text', -3982045],
    [' 1 1520879607.789', 'openmetrics', 1520879607789],
    [' 1 1.5e9', 'openmetrics', 1_500_000_000_000],
  ])('%j in %s', (line, format, timestamp) => {
    expect(read(line, format).tail.timestamp).toBe(timestamp);
  });

  test.each([[' 1 12.5'], [' 1 abc'], [' 1 1 1'], [' 1 99999999999999999999']])('%j breaks a line of text', (line) => {
    const { tail } = read(line);
    expect(tail.end).toBe(-1);
    expect(tail.fault).toBe('timestamp');
  });

  test('may be followed by an exemplar in a line of text as well, which does not break the line', () => {
    const { tail, whole } = read(' 1 # {} 1');
    expect(whole).toBe(true);
    expect(tail.exemplar).toBe(3);
  });
});
