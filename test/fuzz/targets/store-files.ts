import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../../../src/store/errors.ts';
import { batchOf, contents, layoutOf, openTestStore, temporaryFolder } from '../../../src/store/testing.ts';
import { type FuzzTarget, refusedBy } from '../target.ts';

const HOUR = 3_600_000;
const NOW = Date.now();
const LAYOUT = layoutOf({ __name__: 'kept', job: 'a' });

/** A small file of a store's folder, damaged: its first byte chooses which. The store opens, or says why not; and takes writes. */
export const storeFiles: FuzzTarget = {
  async seeds() {
    const { folder, files } = await goodStore();
    const seeds = files.map((file, index) => Buffer.concat([Buffer.of(index), readFileSync(join(folder.path, file))]));
    folder.remove();
    return seeds;
  },
  words: ['"format":', '"minTime":', '"rows":', '"samples":', '":{}', '":[]', '":null', '-1', '1e300', '999', '"../x"'],
  async open() {
    const { folder: good, files } = await goodStore();
    const damaged = temporaryFolder();
    const path = join(damaged.path, 'store');
    let time = NOW;
    return {
      async run(input) {
        rmSync(path, { recursive: true, force: true });
        cpSync(good.path, path, { recursive: true });
        writeFileSync(join(path, files[(input[0] ?? 0) % files.length]), input.subarray(1));
        try {
          const store = await openTestStore(path);
          try {
            const { accepted } = await store.write(batchOf(layoutOf({ __name__: 'neighbour' }), ++time, [7]));
            if (accepted !== 1) throw new Error('a good write is refused');
            await contents(store, 'kept');
            const found = await contents(store, 'neighbour');
            if (found.length !== 1) throw new Error(`a good sample is found in ${found.length} series`);
          } finally {
            await store.close();
          }
        } catch (error) {
          refusedBy(error, StoreError);
        }
      },
      close() {
        good.remove();
        damaged.remove();
        return Promise.resolve();
      },
    };
  },
};

/** A closed store with a head, and a block where compaction made one; `files` are its small ones. */
async function goodStore() {
  const folder = temporaryFolder();
  const store = await openTestStore(folder.path);
  for (let i = 0; i < 8; i++) await store.backfill(batchOf(LAYOUT, NOW - (8 - i) * HOUR, [i]));
  await store.compact();
  await store.write(batchOf(LAYOUT, NOW, [8]));
  await store.close();
  return { folder, files: smallFiles(folder.path) };
}

function smallFiles(folder: string): string[] {
  const found = readdirSync(folder, { recursive: true }) as string[];
  return found.filter((name) => name.endsWith('.json') && existsSync(join(folder, name))).sort();
}
