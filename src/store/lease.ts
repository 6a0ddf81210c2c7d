import { sleep } from '../lib/time/sleep.ts';

/** Counts who reads a file, so that it is changed or taken away only while nobody does. */
export class Lease {
  readers = 0;
  /** Settles when the change is over; undefined while there is none. */
  closed: Promise<void> | undefined;
  #drained: (() => void)[] = [];

  release(): void {
    this.readers--;
    if (this.readers === 0) this.#drained.splice(0).forEach((wake) => wake());
  }

  async drained(): Promise<void> {
    if (this.readers > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
  }
}

/**
 * Runs `use` while none of the files changes. All are taken at once or none, so two who want several cannot block each
 * other; whoever lists files and calls this in the same tick finds every one of them still there.
 */
export async function whileReading<T>(leases: readonly Lease[], use: () => Promise<T>): Promise<T> {
  for (let busy = leases.find(({ closed }) => closed !== undefined); busy !== undefined;) {
    await busy.closed;
    busy = leases.find(({ closed }) => closed !== undefined);
  }
  for (const lease of leases) lease.readers++;
  try {
    return await use();
  } finally {
    for (const lease of leases) lease.release();
  }
}

/**
 * Runs `change` when all who read now are done; who comes later waits for its end. Where they are not done within
 * `patience` milliseconds nothing happens. Says whether the change was made.
 */
export async function whileUnread(
  leases: readonly Lease[],
  change: () => Promise<void>,
  patience = Infinity,
): Promise<boolean> {
  for (let busy = leases.find(({ closed }) => closed !== undefined); busy !== undefined;) {
    await busy.closed;
    busy = leases.find(({ closed }) => closed !== undefined);
  }
  let reopen: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (reopen = resolve));
  for (const lease of leases) lease.closed = closed;
  try {
    const drained = Promise.all(leases.map((lease) => lease.drained())).then(() => true);
    const free = patience === Infinity ? await drained : await within(patience, drained);
    if (free) await change();
    return free;
  } finally {
    for (const lease of leases) lease.closed = undefined;
    reopen();
  }
}

async function within(ms: number, done: Promise<boolean>): Promise<boolean> {
  const giveUp = new AbortController();
  const first = await Promise.race([done, sleep(ms, giveUp.signal).then(() => false)]);
  giveUp.abort();
  return first;
}
