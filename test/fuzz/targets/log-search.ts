import { StoreError } from '../../../src/store/errors.ts';
import { logBatch, openTestStore, temporaryFolder } from '../../../src/store/testing.ts';
import { type FuzzTarget, refusedBy } from '../target.ts';

const AT = Date.now() - 60_000;

/** A log search: parsed, turned into SQL and run on a small store. */
export const logSearch: FuzzTarget = {
  seeds: () =>
    Promise.resolve(['error', '"a phrase" and not level: error', 'host.name: (a or b*) and status >= 500', 'a: { b: "x" }', 'message: *time*out*', 'not (a and b) or c: \\*', 'log.file.path: "/x.log"', 'n > 3', '*', '']), // prettier-ignore
  words: [' and ', ' or ', ' not ', '(', ')', '{', '}', ': ', '>= ', '< ', '*', '\\', '"', 'level', 'host.name', 'status', 'message', "'", '--', ';', '$.a', '[0]', '%', '_', '1e400'], // prettier-ignore
  async open() {
    const folder = temporaryFolder();
    const store = await openTestStore(folder.path);
    const source = { id: 's', path: '/x.log', fields: { 'log.file.path': '/x.log', 'host.name': 'a' } };
    const lines = [
      'plain error line',
      '{"level":"error","status":503,"a":{"b":"x"},"n":4}',
      'a * star and \\ slash',
      '{"broken":',
    ];
    await store.writeLogs(logBatch(source, lines.map((line, i) => [i + 1, line]), AT)); // prettier-ignore
    const range = { start: AT - 1000, end: AT + 60_000 };
    return {
      async run(input) {
        const query = input.toString();
        try {
          await store.searchLogs({ query, ...range, limit: 10, order: 'newest' });
          await store.countLogs({ query, ...range, buckets: 5 });
        } catch (error) {
          refusedBy(error, StoreError);
          if ((error as StoreError).reason !== 'bad_query') throw error;
        }
        const { records } = await store.searchLogs({ query: 'error', ...range, limit: 10, order: 'newest' });
        if (records.length !== 2) throw new Error(`a good search finds ${records.length} records`);
      },
      async close() {
        await store.close();
        folder.remove();
      },
    };
  },
};
