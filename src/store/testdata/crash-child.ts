import { batchOf, layoutOf, logBatch, openTestStore } from '../testing.ts';

/** Writes samples and log lines without end and prints how far each is acknowledged; is killed from outside. */
const [folder, start, from] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const store = await openTestStore(folder);
const layout = layoutOf(...Array.from({ length: 50 }, (_, i) => ({ __name__: 'crash', i: String(i) })));
const source = { id: 'crash', path: '/crash.log', fields: {} };

async function samples(): Promise<void> {
  for (let k = from; ; k++) {
    await store.write(batchOf(layout, start + k, Array.from({ length: 50 }, () => k)));
    process.stdout.write(`samples ${k}\n`);
  }
}

async function lines(): Promise<void> {
  for (let k = from; ; k++) {
    await store.writeLogs(logBatch(source, [[2 * k, `line ${2 * k}`], [2 * k + 1, `line ${2 * k + 1}`]], start + k)); // prettier-ignore
    process.stdout.write(`lines ${k}\n`);
  }
}

await Promise.all([samples(), lines()]);
