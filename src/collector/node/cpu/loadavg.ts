import type { CreateSubject } from '../subject.ts';
import { readProc, wordsIn } from '../proc-file.ts';

/** /proc/loadavg */
export const loadavg: CreateSubject = ({ procfs }) => {
  return (page) => {
    const loads = wordsIn(readProc(`${procfs}/loadavg`));
    for (const [i, minutes] of [1, 5, 15].entries()) {
      page.family(`node_load${minutes}`, 'gauge', `${minutes}m load average.`);
      page.sample(`node_load${minutes}`, '', Number(loads[i]));
    }
  };
};
