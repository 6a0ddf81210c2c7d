import { readNames, tryReadNumber } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const FILES = [
  ['full_scans', 'full_scans_total', 'counter', 'How many times all mergeable areas have been scanned.'],
  ['general_profit', 'general_profit_bytes', 'gauge', 'How effective is KSM. ksm_saved_pages * sizeof(page) - (all_rmap_items) * sizeof(rmap_item)'],
  ['merge_across_nodes', 'merge_across_nodes', 'gauge', 'Specifies if pages from different NUMA nodes can be merged.'],
  ['pages_shared', 'pages_shared', 'gauge', 'How many shared pages are being used.'],
  ['pages_sharing', 'pages_sharing', 'gauge', 'How many more sites are sharing them i.e. how much saved.'],
  ['pages_to_scan', 'pages_to_scan', 'gauge', 'How many pages to scan before ksmd goes to sleep.'],
  ['pages_unshared', 'pages_unshared', 'gauge', 'How many pages unique but repeatedly checked for merging.'],
  ['pages_volatile', 'pages_volatile', 'gauge', 'How many pages changing too fast to be placed in a tree.'],
  ['run', 'run', 'gauge', 'The status of ksmd. stopped = 0, running = 1'],
  ['sleep_millisecs', 'sleep_seconds', 'gauge', 'How many seconds ksmd should sleep before next scan.'],
] as const; // prettier-ignore

/** /sys/kernel/mm/ksm: pages that the kernel merged. */
export const ksmd: CreateSubject = ({ sysfs }) => {
  const root = `${sysfs}/kernel/mm/ksm`;
  return (page) => {
    readNames(root);
    for (const [file, metric, type, help] of FILES) {
      const value = tryReadNumber(`${root}/${file}`);
      if (value === undefined) continue;
      page.family(`node_ksmd_${metric}`, type, help);
      page.sample(`node_ksmd_${metric}`, '', file === 'sleep_millisecs' ? value / 1000 : value);
    }
  };
};
