import { readProc } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** Kernels before 6.15 have no such file. */
export const hungTask: CreateSubject = ({ procfs }) => {
  return (page) => {
    const count = Number(readProc(`${procfs}/sys/kernel/hung_task_detect_count`));
    const help = 'Total number of tasks that have been detected as hung since the system booted.';
    page.family('node_kernel_hung_tasks_total', 'counter', help);
    page.sample('node_kernel_hung_tasks_total', '', count);
  };
};
