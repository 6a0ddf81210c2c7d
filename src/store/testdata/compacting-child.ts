import { readFileSync } from 'node:fs';
import { runSqlJob } from '../blocks/child.ts';

/** Begins SQL that would take for hours, and says which process runs it. */
const job = { memory: 2 ** 27, spill: process.argv[2], questions: [], files: [] };
void runSqlJob({ ...job, statements: ['create table t as select sum(a.range * b.range) from range(1e7::bigint) a, range(1e7::bigint) b'] });
const children = () => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
const timer = setInterval(() => {
  const writer = children().find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('duckdb'));
  if (writer === undefined) return;
  console.log(writer);
  clearInterval(timer);
}, 10);
