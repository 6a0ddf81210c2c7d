import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { childPeak, createLoad, STEP, say, spread, watchStalls, writeRound } from '../bench-load.ts';
import { writeBlock } from './block.ts';
import { runSqlJob } from './child.ts';
import type { BlockInput } from './compaction.ts';
import { openTestStore, temporaryFolder } from '../testing.ts';

/**
 * The merge of a day: eight blocks become one, while samples of 20 k series are written. The child's memory is watched from
 * outside. Run: `npx tsx src/store/merge.bench.ts samples [millions] [MB]` or `… logs [MB of messages] [MB]`; the last is
 * the child's limit.
 */
const BLOCKS = 8;
const [kind = 'samples', size = kind === 'logs' ? 2000 : 60, memory = 256] = process.argv.slice(2);
const folder = temporaryFolder();
const spill = join(folder.path, 'spill');
const inputs: BlockInput[] = [];
for (let i = 0; i < BLOCKS; i++) {
  const block = join(folder.path, `in-${i}`);
  mkdirSync(block);
  inputs.push(
    kind === 'logs' ? await logs(block, i, Number(size) / BLOCKS) : await samples(block, i, Number(size) / BLOCKS),
  );
}
say(`${inputs.length} blocks prepared`);
await merge();
folder.remove();

async function samples(block: string, i: number, millions: number): Promise<BlockInput> {
  const series = 100_000;
  const each = Math.round((millions * 1e6) / series);
  const from = `(select s::uinteger as series, (${i * each} + t) * ${STEP}::bigint as ts,
    case when s % 10 < 5 then 1.0 when s % 10 < 8 then t * 20.0 + s % 37 else round(random() * 1e6) / 1e3 end as value
    from range(${series}) as _(s), range(${each}) as _(t) order by series, ts)`;
  const labels = `map {'__name__': 'metric_' || lpad((s // 200)::varchar, 3, '0'), 'pod': lpad((s % 200)::varchar, 3, '0')}`;
  const numbers = `(select s::uinteger as series, s::uinteger as number, ${labels} as labels from range(${series}) as _(s))`;
  await run([
    `copy ${numbers} to '${block}/series.parquet' (format parquet)`,
    `copy ${from} to '${block}/samples.parquet' (format parquet, compression zstd)`,
  ]);
  return { kind: 'block', folder: block, weight: each * series, tables: ['series', 'samples'], withoutStarts: true };
}

/** Lines of 180 bytes of 50 sources, a quarter of a millisecond apart. */
async function logs(block: string, i: number, megabytes: number): Promise<BlockInput> {
  const lines = Math.round((megabytes * 1e6) / 180);
  const first = i * lines;
  const rows = `(select (${first} + n)::bigint as seq, (n % 50)::uinteger as source, (n * 190)::bigint as "offset",
    ((${first} + n) // 4)::bigint as ts, (n % 1000000)::uinteger as nanos, 1::utinyint as stream, 3::utinyint as level,
    null::varchar as flags,
    'level=info msg="request done" trace=' || md5(n::varchar) || ' path=/cart/' || (n % 97) || ' took=' || (hash(n) % 311) ||
      'ms user=' || (hash(n + 1) % 100000) || ' agent="Mozilla/5.0 (X11; Linux x86_64)" region=eu-west-1 status=' || (200 + n % 5) as message
    from range(${lines}) as _(n))`;
  const sources = `(select n::uinteger as source, 'id-' || n as id, '/var/log/' || n || '.log' as path,
    map {'app': 'a' || n} as fields, 0::bigint as position from range(50) as _(n))`;
  await run([
    `copy ${rows} to '${block}/logs.parquet' (format parquet, compression zstd)`,
    `copy ${sources} to '${block}/log_sources.parquet' (format parquet)`,
  ]);
  return { kind: 'block', folder: block, weight: 0, tables: ['log_sources', 'logs'], withoutStarts: true };
}

async function run(statements: readonly string[]): Promise<void> {
  await runSqlJob({ statements, memory: 4 * 2 ** 30, spill, questions: [], files: [] });
}

async function merge(): Promise<void> {
  const store = await openTestStore(join(folder.path, 'store'), { commit_interval: 100 });
  const load = createLoad(20_000);
  const times: number[] = [];
  let peak = 0;
  const ended = new AbortController();
  const stall = watchStalls();
  const watch = setInterval(() => (peak = Math.max(peak, childPeak())), 100);
  const at = performance.now();
  const job = {
    inputs,
    from: [],
    store: 'bench',
    target: join(folder.path, 'merged'),
    memory: Number(memory) * 2 ** 20,
    spill,
  };
  const merged = writeBlock(job).finally(() => ended.abort());
  merged.catch(() => undefined);
  for (let time = Date.now() - 3_600_000; !ended.signal.aborted; time += STEP) {
    const begun = performance.now();
    await writeRound(store, load, time);
    times.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  clearInterval(watch);
  try {
    const meta = await merged;
    const bytes = meta.files.reduce((sum, file) => sum + file.bytes, 0);
    say(`merged ${meta.samples} samples, ${meta.logRecords} lines to ${Math.round(bytes / 1e6)} MB`);
  } finally {
    say(
      `${((performance.now() - at) / 1000).toFixed(1)} s, limit ${memory} MB, the child's peak RSS ${peak} MB; ` +
        `writes beside it ${spread(times)}, the longest ${Math.round(Math.max(...times))} ms; longest stall ${Math.round(stall())} ms`,
    );
    await store.close();
  }
}
