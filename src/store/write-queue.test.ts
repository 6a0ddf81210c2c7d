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

describe('the intake', () => {
  it('does short work at once', () => {
    const log: string[] = [];
    const intake = new WriteQueue();
    expect(intake.run(work('a', 3, 0, log), true)).toBe('a');
    expect([intake.idle, intake.done()]).toEqual([true, undefined]);
  });

  it('keeps the order, and lets others have turns while it does long work', async () => {
    const log: string[] = [];
    const intake = new WriteQueue();
    let turns = 0;
    const count = (): void => {
      turns++;
      if (!intake.idle) setImmediate(count);
    };
    const long = intake.run(work('long', 4, LONG, log), false);
    const short = intake.run(work('short', 1, 0, log), true);
    const before = intake.done();
    void intake.run(work('late', 1, 0, log), true);
    count();
    await before;
    expect(log.slice(0, 2)).toEqual(['long', 'short']);
    expect([await long, await short]).toEqual(['long', 'short']);
    await intake.done();
    expect([log, intake.idle]).toEqual([['long', 'short', 'late'], true]);
    expect(turns).toBeGreaterThan(3);
  });

  it('has much short work wait, too', async () => {
    const log: string[] = [];
    const intake = new WriteQueue();
    const first = Array.from({ length: 10 }, (_, i) => intake.run(work(String(i), 1, LONG / 4, log), true));
    expect(first.some((answer) => answer instanceof Promise)).toBe(true);
    expect(await Promise.all(first.map((answer) => Promise.resolve(answer)))).toEqual(log);
    await new Promise((resolve) => setImmediate(resolve));
    expect(intake.run(work('again', 1, 0, log), true)).toBe('again');
  });

  it('goes on after work that fails', async () => {
    const intake = new WriteQueue();
    const failing = intake.run(fails(), false);
    const next = intake.run(work('next', 1, 0, []), true);
    await expect(failing).rejects.toThrow('broken');
    expect([await next, intake.idle]).toEqual(['next', true]);
  });
});

// eslint-disable-next-line require-yield -- it shall fail before
function* fails(): Generator<undefined, string> {
  throw new Error('broken');
}
