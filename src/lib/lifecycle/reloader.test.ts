import { expect, test } from 'vitest';
import type { PreparedChange } from './reload.ts';
import { Reloader, type ReloadPart } from './reloader.ts';
import { InputError } from '../schema/yaml.ts';

/** A part that notes what happened to it. */
function part(name: string, log: string[], prepare?: (next: number) => Promise<void>): ReloadPart<number> {
  return {
    name,
    async prepare(next): Promise<PreparedChange> {
      await prepare?.(next);
      log.push(`${name} prepared ${next}`);
      return {
        commit: () => log.push(`${name} committed ${next}`),
        discard: () => log.push(`${name} discarded ${next}`),
      };
    },
  };
}

function refusal(file: string): InputError {
  return new InputError([{ file, line: 3, column: 1, path: 'a.b', message: 'expected something else' }]);
}

test('all parts prepare before the first commits', async () => {
  const log: string[] = [];
  const reloader = new Reloader({ current: 1, load: () => 2, parts: () => [part('a', log), part('b', log)] });
  await reloader.reload();
  expect(log).toEqual(['a prepared 2', 'b prepared 2', 'a committed 2', 'b committed 2']);
  expect(reloader.current).toBe(2);
});

test('one refusal discards every part, and every complaint is reported', async () => {
  const log: string[] = [];
  const refuse = (file: string) => () => Promise.reject(refusal(file));
  const parts = [part('a', log), part('b', log, refuse('b.yaml')), part('c', log, refuse('c.yaml'))];
  const reloader = new Reloader({ current: 1, load: () => 2, parts: () => parts });
  await expect(reloader.reload()).rejects.toThrow(/b\.yaml:3:1 {2}a\.b: expected something else\nc\.yaml/);
  expect(log).toEqual(['a prepared 2', 'a discarded 2']);
  expect(reloader.current).toBe(1);
});

test('a file that cannot be loaded reaches no part', async () => {
  const log: string[] = [];
  const load = () => {
    throw refusal('c.yaml');
  };
  const reloader = new Reloader({ current: 1, load, parts: () => [part('a', log)] });
  await expect(reloader.reload()).rejects.toThrow('c.yaml:3:1');
  expect(log).toEqual([]);
});

test('a reload during another waits for it, and those that wait share one', async () => {
  const log: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let next = 1;
  const parts = [part('a', log, (value) => (value === 2 ? held : Promise.resolve()))];
  const reloader = new Reloader({ current: 1, load: () => ++next, parts: () => parts });
  const all = [reloader.reload()];
  await Promise.resolve();
  await Promise.resolve();
  all.push(reloader.reload(), reloader.reload());
  release();
  await Promise.all(all);
  expect(log).toEqual(['a prepared 2', 'a committed 2', 'a prepared 3', 'a committed 3']);
});

test('a reload after a refused one is tried', async () => {
  const log: string[] = [];
  let bad = true;
  const parts = [part('a', log, () => (bad ? Promise.reject(refusal('x')) : Promise.resolve()))];
  const reloader = new Reloader({ current: 1, load: () => 2, parts: () => parts });
  await expect(reloader.reload()).rejects.toThrow();
  bad = false;
  await reloader.reload();
  expect(reloader.current).toBe(2);
});
