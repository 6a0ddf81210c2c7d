import { expect, test } from 'vitest';
import { fieldHint } from './field-hint.ts';

test.each([
  ['code=503', 'code: 503'],
  ['log.level: error and (http.code=503)', 'http.code: 503'],
  ['code: 503', undefined],
  ['"code=503"', undefined],
  ['a "b c=d', undefined],
  ['x==y', 'x: =y'],
  ['', undefined],
])('of the query %j a field is meant: %j', (query, hint) => {
  expect(fieldHint(query)).toBe(hint);
});
