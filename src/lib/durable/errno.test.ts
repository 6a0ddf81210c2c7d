import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { describeErrno } from './errno.ts';

function failureOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure');
}

test.each([
  [() => readFileSync('/nowhere/at/all'), '/nowhere/at/all: no such file or folder'],
  [() => readFileSync('/'), 'is a folder, expected a file'],
  [() => mkdirSync('/etc/hostname'), '/etc/hostname: is a file, expected a folder'],
  [
    () => mkdirSync('/etc/hostname/x', { recursive: true }),
    '/etc/hostname/x: a part of the path is a file, expected a folder',
  ],
  [() => JSON.parse('{'), /JSON/],
])('%s', (act, words) => {
  if (words instanceof RegExp) expect(describeErrno(failureOf(act))).toMatch(words);
  else expect(describeErrno(failureOf(act))).toBe(words);
});

test('an address that cannot be listened on is named', async () => {
  const server = createServer();
  const error = await new Promise((resolve) => server.once('error', resolve).listen(0, '203.0.113.1'));
  expect(describeErrno(error)).toBe('203.0.113.1: no network interface of this machine has that address');
});
