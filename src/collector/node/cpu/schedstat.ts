import { linesOf, readProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const NANOSECONDS = 1e9;

const COLUMNS = [
  [7, 'running_seconds_total', 'Number of seconds CPU spent running a process.', NANOSECONDS],
  [8, 'waiting_seconds_total', 'Number of seconds spent by processing waiting for this CPU.', NANOSECONDS],
  [9, 'timeslices_total', 'Number of timeslices executed by CPU.', 1],
] as const;

/** /proc/schedstat: the scheduler's figures by CPU. */
export const schedstat: CreateSubject = ({ procfs }) => {
  return (page) => {
    const cpus = linesOf(readProc(`${procfs}/schedstat`))
      .filter((line) => line.startsWith('cpu'))
      .map(wordsIn);
    for (const [column, name, help, unit] of COLUMNS) {
      page.family(`node_schedstat_${name}`, 'counter', help);
      for (const words of cpus)
        page.sample(`node_schedstat_${name}`, `cpu="${words[0].slice('cpu'.length)}"`, Number(words[column]) / unit);
    }
  };
};
