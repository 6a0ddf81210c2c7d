import { linesOf, readProc, tryReadProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const PAGE_SIZE = 4096;

/** /proc/net/sockstat and sockstat6: sockets by protocol and state. */
export const sockstat: CreateSubject = ({ procfs }) => {
  return (page) => {
    const lines = linesOf(readProc(`${procfs}/net/sockstat`) + (tryReadProc(`${procfs}/net/sockstat6`) ?? ''));
    const gauge = (name: string, help: string, value: number) => {
      page.family(`node_sockstat_${name}`, 'gauge', help);
      page.sample(`node_sockstat_${name}`, '', value);
    };
    for (const line of lines) {
      const [head, ...pairs] = wordsIn(line);
      const protocol = head.slice(0, -1);
      if (protocol === 'sockets') {
        gauge('sockets_used', 'Number of IPv4 sockets in use.', Number(pairs[1]));
        continue;
      }
      for (let i = 0; i + 1 < pairs.length; i += 2) {
        const [state, value] = [pairs[i], Number(pairs[i + 1])];
        const help = (of: string) => `Number of ${protocol} sockets in state ${of}.`;
        gauge(`${protocol}_${state}`, help(state), value);
        if (state === 'mem') gauge(`${protocol}_mem_bytes`, help('mem_bytes'), value * PAGE_SIZE);
      }
    }
  };
};
