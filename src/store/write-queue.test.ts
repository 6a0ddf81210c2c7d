import { describe, expect, it } from 'vitest';
import { WriteQueue } from './write-queue.ts';

const LONG = 12;

/** Work of so many steps, each of about `ms` milliseconds. */
function* work(name: string, steps: number, ms: number, log: string[]): Generator<undefined, string> {
  for (let step = 0; step < steps; step++) {
    for (const until = performance.now() + ms; performance.now() < until;);
    yield;
  }
  log.push(name);
  return name;
}

describe('the queue of writes and reads', () => {
  it('does short work at once', () => {
    const log: string[] = [];
    const queue = new WriteQueue();
    expect(queue.run(work('a', 3, 0, log))).toBe('a');
    expect([queue.idle, queue.done()]).toEqual([true, undefined]);
  });

  it('keeps the order, and lets others have turns while it does long work', async () => {
    const log: string[] = [];
    const queue = new WriteQueue();
    let turns = 0;
    const count = (): void => {
      turns++;
      if (!queue.idle) setImmediate(count);
    };
    const long = queue.run(work('long', 4, LONG, log));
    const short = queue.run(work('short', 1, 0, log));
    const before = queue.done();
    void queue.run(work('late', 1, 0, log));
    count();
    await before;
    expect(log.slice(0, 2)).toEqual(['long', 'short']);
    expect([await long, await short]).toEqual(['long', 'short']);
    await queue.done();
    expect([log, queue.idle]).toEqual([['long', 'short', 'late'], true]);
    expect(turns).toBeGreaterThan(3);
  });

  it('has much short work wait, too', async () => {
    const log: string[] = [];
    const queue = new WriteQueue();
    const first = Array.from({ length: 10 }, (_, i) => queue.run(work(String(i), 1, LONG / 4, log)));
    expect(first.some((answer) => answer instanceof Promise)).toBe(true);
    expect(await Promise.all(first.map((answer) => Promise.resolve(answer)))).toEqual(log);
    await new Promise((resolve) => setImmediate(resolve));
    expect(queue.run(work('again', 1, 0, log))).toBe('again');
  });

  it('goes on after work that fails', async () => {
    const queue = new WriteQueue();
    expect(() => queue.run(fails())).toThrow('broken');
    const long = queue.run(work('long', 2, LONG, []));
    const failing = queue.run(fails());
    const next = queue.run(work('next', 1, 0, []));
    expect(await long).toBe('long');
    await expect(failing).rejects.toThrow('broken');
    expect([await next, queue.idle]).toEqual(['next', true]);
  });
});

// eslint-disable-next-line require-yield -- it shall fail before
function* fails(): Generator<undefined, string> {
  throw new Error('broken');
}
