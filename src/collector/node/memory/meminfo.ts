import type { CreateSubject } from '../subject.ts';
import { linesOf, readProc, wordsIn } from '../proc-file.ts';

/** /proc/meminfo: `MemTotal:  16 kB` is `node_memory_MemTotal_bytes`, `HugePages_Free: 0` keeps its bare name. */
export const meminfo: CreateSubject = ({ procfs }) => {
  return (page) => {
    for (const line of linesOf(readProc(`${procfs}/meminfo`))) {
      const [key, amount, unit] = wordsIn(line);
      const field = key.slice(0, -1).replace(/\((.*)\)/, '_$1');
      const inBytes = unit === 'kB';
      const name = `node_memory_${field}${inBytes ? '_bytes' : ''}`;
      page.family(name, 'gauge', `Memory information field ${field}${inBytes ? '_bytes' : ''}.`);
      page.sample(name, '', Number(amount) * (inBytes ? 1024 : 1));
    }
  };
};
