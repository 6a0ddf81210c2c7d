import type { Logger } from '../lib/logger.ts';
import type { Follower, LogDestination } from './follower.ts';
import { forgetDestination } from './metrics.ts';

interface Entry {
  readonly given: LogDestination;
  /** What names its places on disk. */
  readonly name: string;
  readonly follower: Follower;
  state: 'new' | 'running' | 'ended';
}

/**
 * The followers, one a destination, which change while the process runs. A destination that stays (the same object under the
 * same name) is left alone; one that goes is stopped, with its places on disk; one that comes under the same name goes on
 * from there. Starts and stops under one name happen one after the other, as both use the same checkpoint.
 */
export class Destinations {
  readonly #create: (destination: LogDestination) => Follower;
  readonly #logger: Logger;
  #entries: readonly Entry[];
  /** The last start or stop that a reload asked for, by name. Never rejects. */
  readonly #changes = new Map<string, Promise<void>>();
  #running = false;

  constructor(
    destinations: readonly LogDestination[],
    create: (destination: LogDestination) => Follower,
    logger: Logger,
  ) {
    this.#create = create;
    this.#logger = logger;
    this.#entries = withOwnNames(destinations).map((named) => this.#entryOf(named));
  }

  get followers(): readonly Follower[] {
    return this.#entries.map(({ follower }) => follower);
  }

  async start(): Promise<void> {
    this.#running = true;
    for (const entry of this.#entries) await start(entry);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#changes.values());
    await Promise.all(this.#entries.map((entry) => stop(entry)));
  }

  /** @param destinations those of the running process from now on */
  set(destinations: readonly LogDestination[]): void {
    const before = this.#entries;
    this.#entries = withOwnNames(destinations).map(
      (named) => before.find(({ name, given }) => name === named.name && given === named.given) ?? this.#entryOf(named),
    );
    for (const entry of before) if (!this.#entries.includes(entry)) this.#change(entry, () => this.#retire(entry));
    for (const entry of this.#entries) if (!before.includes(entry)) this.#change(entry, () => this.#begin(entry));
  }

  #entryOf({ given, name }: Named): Entry {
    return { given, name, follower: this.#create(name === given.name ? given : { ...given, name }), state: 'new' };
  }

  #change({ name }: Entry, make: () => Promise<void>): void {
    const done = (this.#changes.get(name) ?? Promise.resolve())
      .then(make)
      .catch((error: unknown) => this.#logger.error({ destination: name, err: error }, 'log destination not changed'))
      .finally(() => {
        if (this.#changes.get(name) === done) this.#changes.delete(name);
      });
    this.#changes.set(name, done);
  }

  async #retire(entry: Entry): Promise<void> {
    await stop(entry);
    if (!this.#entries.some(({ name }) => name === entry.name)) forgetDestination(entry.name);
  }

  async #begin(entry: Entry): Promise<void> {
    if (this.#running && this.#entries.includes(entry)) await start(entry);
  }
}

async function start(entry: Entry): Promise<void> {
  await entry.follower.start();
  entry.state = 'running';
}

/** A follower that never started has read no checkpoint, and must not write one. */
async function stop(entry: Entry): Promise<void> {
  const { given, follower, state } = entry;
  entry.state = 'ended';
  if (state === 'running') await follower.stop();
  if (state !== 'ended') await given.stop?.();
}

interface Named {
  readonly given: LogDestination;
  readonly name: string;
}

/** The same place named twice gets everything twice, each time with places of its own. */
function withOwnNames(destinations: readonly LogDestination[]): Named[] {
  const seen = new Map<string, number>();
  return destinations.map((given) => {
    const times = (seen.get(given.name) ?? 0) + 1;
    seen.set(given.name, times);
    return { given, name: times === 1 ? given.name : `${given.name} #${times}` };
  });
}
