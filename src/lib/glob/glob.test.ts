import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFiles } from './find-files.ts';
import { Globber } from './globber.ts';
import { compileName, compilePath } from './pattern.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'crowsnest-glob-'));
  for (const path of [
    'a.log',
    'b.log',
    'b.log.1',
    '.hidden.log',
    '.hidden/f.log',
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

describe('the files that a pattern finds, looked for once and again and again', () => {
  test.each([
    ['*.log', ['a+b.log', 'a.log', 'b.log']],
    ['?.log', ['a.log', 'b.log']],
    ['[a-b].log', ['a.log', 'b.log']],
    ['[!a].log', ['b.log']],
    ['[^a].log', ['b.log']],
    ['{a,b.log}*', ['a+b.log', 'a.log', 'b.log', 'b.log.1']],
    ['{a,{b,c}}.log', ['a.log', 'b.log']],
    ['a+b.log', ['a+b.log']],
    ['.h*', ['.hidden.log']],
    ['.hid*/*.log', ['.hidden/f.log']],
    ['sub/*.log', ['sub/c.log']],
    ['*/c.log', ['link/c.log', 'sub/c.log']],
    ['*/../a.log', ['a.log']],
    ['*/deep//d.log', ['link/deep/d.log', 'sub/deep/d.log']],
    ['link/c.log', ['link/c.log']],
    ['**/*.log', ['a+b.log', 'a.log', 'b.log', 'other/[x].log', 'sub/c.log', 'sub/deep/d.log']],
    ['**/**/**/**/**/**/*.log', ['a+b.log', 'a.log', 'b.log', 'other/[x].log', 'sub/c.log', 'sub/deep/d.log']],
    ['**/deep/*', ['sub/deep/d.log']],
    ['other/**', ['other/[x].log', 'other/e.txt']],
    ['sub/**', ['sub/c.log', 'sub/deep/d.log']],
    ['other/[[]x].log', ['other/[x].log']],
    ['none/*.log', []],
    ['*.log/x', []],
    ['{a,b}.log/x', []],
    ['a.log/x', []],
    ['*/c.log/x', []],
  ])('%s', async (glob, expected) => {
    const inRoot = (paths: string[]) => [...new Set(paths.map((path) => relative(root, resolve(path))))].sort();
    expect(inRoot(new Globber().find(`${root}/${glob}`))).toEqual(expected);
    expect(inRoot(await findFiles(glob, root))).toEqual(expected);
  });

  test('a named folder is no file for the logs, and is returned where its reader complains of it', async () => {
    expect(new Globber().find(join(root, 'folder.log'))).toEqual([]);
    expect(await findFiles('folder.log', root)).toEqual([join(root, 'folder.log')]);
  });
});

test('a pattern that is not valid is quoted', async () => {
  await expect(findFiles('[z-a]*.log', root)).rejects.toThrow('[z-a]*.log: syntax error in pattern');
  expect(() => new Globber().find(join(root, '[z-a]*.log'))).toThrow('[z-a]*.log: syntax error in pattern');
});

test('thirty stars over a long name cost no more than one', () => {
  const matches = compileName(`${'a*'.repeat(30)}b`);
  expect(matches('a'.repeat(5000))).toBe(false);
  expect(matches(`${'a'.repeat(5000)}b`)).toBe(true);
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
    expect(compilePath(glob)(path)).toBe(matches);
  });
});
