import { FamilySet } from '../family-set.ts';
import { namesIn, readProc, tryReadProc } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** In /proc/PID/stat behind the name, which may hold blanks and parentheses itself. */
const STATE = 0;
const THREADS = 17;

/** How many processes and threads there are, by state. Reads a file a process, so it is not on by default. */
export const processes: CreateSubject = ({ procfs }) => {
  return (page) => {
    const states = new Map<string, number>();
    let threads = 0;
    let pids = 0;
    for (const pid of namesIn(procfs).filter((name) => /^\d+$/.test(name))) {
      // A process may end between the listing and the reading.
      const text = tryReadProc(`${procfs}/${pid}/stat`);
      if (text === undefined) continue;
      const words = text.slice(text.lastIndexOf(')') + 2).split(' ');
      states.set(words[STATE], (states.get(words[STATE]) ?? 0) + 1);
      threads += Number(words[THREADS]);
      pids++;
    }
    const families = new FamilySet();
    const limit = (file: string) => Number(readProc(`${procfs}/sys/kernel/${file}`));
    families.gauge('node_processes_threads', 'Allocated threads in system', {}, threads);
    families.gauge('node_processes_max_threads', 'Limit of threads in the system', {}, limit('threads-max'));
    for (const [state, count] of states)
      families.gauge('node_processes_state', 'Number of processes in each state.', { state }, count);
    families.gauge('node_processes_pids', 'Number of PIDs', {}, pids);
    families.gauge('node_processes_max_processes', 'Number of max PIDs limit', {}, limit('pid_max'));
    families.writeTo(page);
  };
};
