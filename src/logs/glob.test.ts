import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Globber, compilePathGlob } from './glob.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'crowsnest-glob-'));
  for (const path of [
    'a.log',
    'b.log',
    'b.log.1',
    '.hidden.log',
    'a+b.log',
    'sub/c.log',
    'sub/deep/d.log',
    'other/[x].log',
    'other/e.txt',
  ]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  mkdirSync(join(root, 'folder.log'));
  symlinkSync(join(root, 'sub'), join(root, 'link'));
  symlinkSync(root, join(root, 'sub', 'circle'));
});
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  ['*.log', ['a+b.log', 'a.log', 'b.log']],
  ['?.log', ['a.log', 'b.log']],
  ['[a-b].log', ['a.log', 'b.log']],
  ['[!a].log', ['b.log']],
  ['{a,b.log}*', ['a+b.log', 'a.log', 'b.log', 'b.log.1']],
  ['a+b.log', ['a+b.log']],
  ['.h*', ['.hidden.log']],
  ['sub/*.log', ['sub/c.log']],
  ['link/c.log', ['link/c.log']],
  ['**/*.log', ['a+b.log', 'a.log', 'b.log', 'other/[x].log', 'sub/c.log', 'sub/deep/d.log']],
  ['**/deep/*', ['sub/deep/d.log']],
  ['none/*.log', []],
  ['folder.log', []],
])('%s', (glob, expected) => {
  const found = new Globber().find(join(root, glob));
  expect(found.map((path) => path.slice(root.length + 1)).sort()).toEqual(expected);
});

test('a file that comes is found, and one that goes is not, though folders are remembered', () => {
  const globber = new Globber();
  const glob = join(root, 'other', '*.log');
  const names = () => {
    const found = globber.find(glob);
    globber.endRound();
    return found.map((path) => path.slice(path.lastIndexOf('/') + 1)).sort();
  };
  expect(names()).toEqual(['[x].log']);
  for (let i = 0; i < 5; i++) {
    writeFileSync(join(root, 'other', `${i}.log`), '');
    expect(names()).toContain(`${i}.log`);
    rmSync(join(root, 'other', `${i}.log`));
    expect(names()).toEqual(['[x].log']);
  }
});

describe('a glob of whole paths', () => {
  test.each([
    ['/var/log/*.log', '/var/log/a.log', true],
    ['/var/log/*.log', '/var/log/sub/a.log', false],
    ['/var/log/**/*.log', '/var/log/sub/deep/a.log', true],
    ['/var/log/**/*.log', '/var/log/a.log', true],
    ['/var/log/pods/kube-system_*/**', '/var/log/pods/kube-system_x_1/c/0.log', true],
    ['/var/log/a.log', '/var/log/axlog', false],
  ])('%s and %s: %s', (glob, path, matches) => {
    expect(compilePathGlob(glob)(path)).toBe(matches);
  });
});
