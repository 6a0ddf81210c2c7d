import { compileExclude } from '../../regex.ts';
import { linesOf, readProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** /proc/net/arp: how many neighbours each device knows. */
export const arp: CreateSubject = ({ procfs, arp_device_exclude: exclude }) => {
  const isExcluded = compileExclude(exclude);
  return (page) => {
    const entries = new Map<string, number>();
    for (const line of linesOf(readProc(`${procfs}/net/arp`)).slice(1)) {
      const device = wordsIn(line).at(-1) ?? '';
      if (!isExcluded(device)) entries.set(device, (entries.get(device) ?? 0) + 1);
    }
    if (entries.size > 0) page.family('node_arp_entries', 'gauge', 'ARP entries by device');
    for (const [device, count] of entries) page.sample('node_arp_entries', `device="${device}"`, count);
  };
};
