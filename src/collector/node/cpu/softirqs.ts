import { linesOf, readProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** /proc/softirqs: a row a kind, a column a CPU. */
export const softirqs: CreateSubject = ({ procfs }) => {
  return (page) => {
    const [cpus, ...rows] = linesOf(readProc(`${procfs}/softirqs`)).map(wordsIn);
    page.family('node_softirqs_functions_total', 'counter', 'Softirq counts per CPU.');
    for (const [head, ...counts] of rows)
      counts.forEach((count, i) => {
        const labels = `cpu="${cpus[i].slice('CPU'.length)}",type="${head.slice(0, -1)}"`;
        page.sample('node_softirqs_functions_total', labels, Number(count));
      });
  };
};
