import type { CreateSubject } from '../subject.ts';
import { linesOf, readProc, wordsIn } from '../proc-file.ts';

const METRICS = [
  ['intr', 'node_intr_total', 'counter', 'Total number of interrupts serviced.'],
  ['ctxt', 'node_context_switches_total', 'counter', 'Total number of context switches.'],
  ['processes', 'node_forks_total', 'counter', 'Total number of forks.'],
  ['btime', 'node_boot_time_seconds', 'gauge', 'Node boot time, in unixtime.'],
  ['procs_running', 'node_procs_running', 'gauge', 'Number of processes in runnable state.'],
  ['procs_blocked', 'node_procs_blocked', 'gauge', 'Number of processes blocked waiting for I/O to complete.'],
] as const;

/** /proc/stat without its lines by CPU. */
export const stat: CreateSubject = ({ procfs }) => {
  return (page) => {
    const fields = new Map(
      linesOf(readProc(`${procfs}/stat`)).map((line) => {
        const [name, first] = wordsIn(line.slice(0, 80));
        return [name, Number(first)];
      }),
    );
    for (const [field, name, type, help] of METRICS) {
      const value = fields.get(field);
      if (value === undefined) continue;
      page.family(name, type, help);
      page.sample(name, '', value);
    }
  };
};
