import { linesOf, readProc, tryReadProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const STATS = {
  found: 'Number of searched entries which were successful.',
  invalid: 'Number of packets seen which can not be tracked.',
  ignore: 'Number of packets seen which are already connected to a conntrack entry.',
  insert: 'Number of entries inserted into the list.',
  insert_failed: 'Number of entries for which list insertion was attempted but failed.',
  drop: 'Number of packets dropped due to conntrack failure.',
  early_drop: 'Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.',
  search_restart: 'Number of conntrack table lookups which had to be restarted due to hashtable resizes.',
} as const;

/** The kernel's table of connections: how full it is, and by CPU what became of packets, added up. */
export const conntrack: CreateSubject = ({ procfs }) => {
  const root = `${procfs}/sys/net/netfilter`;
  return (page) => {
    const count = Number(readProc(`${root}/nf_conntrack_count`));
    const max = Number(readProc(`${root}/nf_conntrack_max`));
    const gauge = (name: string, help: string, value: number) => {
      page.family(name, 'gauge', help);
      page.sample(name, '', value);
    };
    gauge('node_nf_conntrack_entries', 'Number of currently allocated flow entries for connection tracking.', count);
    gauge('node_nf_conntrack_entries_limit', 'Maximum size of connection tracking table.', max);
    const [head, ...rows] = linesOf(tryReadProc(`${procfs}/net/stat/nf_conntrack`) ?? '').map(wordsIn);
    if (head === undefined) return;
    for (const [stat, help] of Object.entries(STATS)) {
      const column = head.indexOf(stat);
      if (column < 0) continue;
      const sum = rows.reduce((total, row) => total + Number.parseInt(row[column] ?? '0', 16), 0);
      gauge(`node_nf_conntrack_stat_${stat}`, help, sum);
    }
  };
};
