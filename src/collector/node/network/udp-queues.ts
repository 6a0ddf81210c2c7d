import { linesOf, readProc, tryReadProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const QUEUES_COLUMN = 4;
const HELP = 'Number of allocated memory in the kernel for UDP datagrams in bytes.';

/** /proc/net/udp and udp6: `tx:rx` of each socket, hexadecimal, added up. */
export const udpQueues: CreateSubject = ({ procfs }) => {
  return (page) => {
    const v4 = readProc(`${procfs}/net/udp`);
    const v6 = tryReadProc(`${procfs}/net/udp6`);
    const sums = Object.entries({ v4, v6 }).flatMap(([ip, text]) => {
      if (text === undefined) return [];
      const queues = linesOf(text).slice(1).map(queuesOf);
      return (['tx', 'rx'] as const).map((queue, i) => ({
        labels: `ip="${ip}",queue="${queue}"`,
        bytes: queues.reduce((sum, one) => sum + one[i], 0),
      }));
    });
    page.family('node_udp_queues', 'gauge', HELP);
    for (const { labels, bytes } of sums) page.sample('node_udp_queues', labels, bytes);
  };
};

function queuesOf(line: string): number[] {
  const [tx, rx] = wordsIn(line)[QUEUES_COLUMN].split(':');
  return [Number.parseInt(tx, 16), Number.parseInt(rx, 16)];
}
