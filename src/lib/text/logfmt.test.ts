import { expect, test } from 'vitest';
import { toLogfmt } from './logfmt.ts';

test.each([
  [
    '{"level":"info","time":"2026-11-21T10:30:00.000Z","address":"127.0.0.1:9093","msg":"Listening on"}\n',
    'time=2026-11-21T10:30:00.000Z level=INFO msg="Listening on" address=127.0.0.1:9093\n',
  ],
  ['{"level":"warn","time":"t","n":3,"list":["a"],"a b":"c\\nd\\"e","msg":"m"}\n', 'time=t level=WARN msg=m n=3 list="[\\"a\\"]" a_b="c\\nd\\"e"\n'],
  ['{"level":"warn","time":"t","empty":""}\n', 'time=t level=WARN empty=""\n'],
  ['not JSON\n', 'not JSON\n'],
])('%s is written as %s', (line, logfmt) => {
  expect(toLogfmt(line)).toBe(logfmt);
}); // prettier-ignore
