import { FamilySet } from '../family-set.ts';
import { linesOf, readProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** /proc/buddyinfo: free blocks of memory by node, zone and size (an exponent of two, in pages). */
export const buddyinfo: CreateSubject = ({ procfs }) => {
  return (page) => {
    const families = new FamilySet();
    for (const line of linesOf(readProc(`${procfs}/buddyinfo`))) {
      const [, node, , zone, ...counts] = wordsIn(line);
      counts.forEach((count, size) => {
        const labels = { node: node.slice(0, -1), size: String(size), zone };
        families.gauge('node_buddyinfo_blocks', 'Count of free blocks according to size.', labels, Number(count));
      });
    }
    families.writeTo(page);
  };
};
