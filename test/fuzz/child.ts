import { readFileSync, writeFileSync } from 'node:fs';
import { fuzzCase } from './mutate.ts';
import { TARGETS } from './targets/index.ts';

/**
 * Runs the cases of one target in a process of its own, which may hang or die: the input at hand is in a file before it is
 * taken. Sends the parent the number of cases done, and a fault with its text before it exits with 1. Ends when it is sent anything.
 */
const [name, seed, stateFile, replayed] = process.argv.slice(2);
const target = await TARGETS[name]();

/** CPU that one case may need, milliseconds: hundreds of times what a good input of the size does. */
const MAX_CPU = 3000;

/** Resident bytes beyond those at the start. */
const MAX_GROWN = 1024 ** 3;

const stop = new AbortController();
process.on('message', () => stop.abort());
process.on('disconnect', () => process.exit(0));
process.on('unhandledRejection', (error) => fault(error));
process.on('uncaughtException', (error) => fault(error));

function fault(error: unknown): never {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.send?.({ fault: text });
  process.exit(1);
}

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const seeds = replayed === undefined ? await target.seeds() : [];
const open = await target.open();
process.send?.({ cases: 0 });
const rss = process.memoryUsage.rss();
for (let index = 0; !stop.signal.aborted; index++) {
  const input = replayed === undefined ? fuzzCase(Number(seed), index, seeds, target.words) : readFileSync(replayed);
  writeFileSync(stateFile, input);
  const begun = cpu();
  try {
    await open.run(input);
  } catch (error) {
    fault(error);
  }
  const spent = cpu() - begun;
  if (spent > MAX_CPU) fault(`took ${Math.round(spent)} ms of CPU`);
  const grown = process.memoryUsage.rss() - rss;
  if (grown > MAX_GROWN) fault(`${Math.round(grown / 1024 ** 2)} MB more are resident than at the start`);
  if (replayed !== undefined) break;
  process.send?.({ cases: index + 1 });
  // Timers, signals and the parent's word have their turn.
  if (index % 16 === 0) await new Promise(setImmediate);
}
await open.close();
process.exit(0);
