import { FamilySet } from '../family-set.ts';
import { linesOf, namesIn, tryReadProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

type Column = readonly [metric: string, help: string];

const of = (what: string) => `Number of ${what} for a filesystem.`;

const btree = (metric: string, words: string): Column[] => [
  [`${metric}_lookups`, of(`${words} lookups`)],
  [`${metric}_compares`, of(`${words} compares`)],
  [`${metric}_records_inserted`, of(`${words} records inserted`)],
  [`${metric}_records_deleted`, of(`${words} records deleted`)],
];

/** Lines of the file, and what their columns count. */
const LINES: Readonly<Record<string, readonly Column[]>> = {
  extent_alloc: [
    ['extent_allocation_extents_allocated', of('extents allocated')],
    ['extent_allocation_blocks_allocated', of('blocks allocated')],
    ['extent_allocation_extents_freed', of('extents freed')],
    ['extent_allocation_blocks_freed', of('blocks freed')],
  ],
  abt: btree('allocation_btree', 'allocation B-tree'),
  blk_map: [
    ['block_mapping_reads', of('block map for read operations')],
    ['block_mapping_writes', of('block map for write operations')],
    ['block_mapping_unmaps', of('block unmaps (deletes)')],
    ['block_mapping_extent_list_insertions', of('extent list insertions')],
    ['block_mapping_extent_list_deletions', of('extent list deletions')],
    ['block_mapping_extent_list_lookups', of('extent list lookups')],
    ['block_mapping_extent_list_compares', of('extent list compares')],
  ],
  bmbt: btree('block_map_btree', 'block map B-tree'),
  dir: [
    ['directory_operation_lookup', 'Number of file name directory lookups which miss the operating systems directory name lookup cache.'],
    ['directory_operation_create', of('times a new directory entry was created')],
    ['directory_operation_remove', of('times an existing directory entry was created')],
    ['directory_operation_getdents', of('times the directory getdents operation was performed')],
  ],
  ig: [
    ['inode_operation_attempts', 'Number of times the OS looked for an XFS inode in the inode cache.'],
    ['inode_operation_found', 'Number of times the OS looked for and found an XFS inode in the inode cache.'],
    ['inode_operation_recycled', 'Number of times the OS found an XFS inode in the cache, but could not use it as it was being recycled.'],
    ['inode_operation_missed', 'Number of times the OS looked for an XFS inode in the cache, but did not find it.'],
    ['inode_operation_duplicates', 'Number of times the OS tried to add a missing XFS inode to the inode cache, but found it had already been added by another process.'],
    ['inode_operation_reclaims', 'Number of times the OS reclaimed an XFS inode from the inode cache to free memory for another purpose.'],
    ['inode_operation_attribute_changes', 'Number of times the OS explicitly changed the attributes of an XFS inode.'],
  ],
  rw: [
    ['write_calls', 'Number of write(2) system calls made to files in a filesystem.'],
    ['read_calls', 'Number of read(2) system calls made to files in a filesystem.'],
  ],
  vnodes: [
    ['vnode_active', of('vnodes not on free lists')],
    ['vnode_allocate', of('times vn_alloc called')],
    ['vnode_get', of('times vn_get called')],
    ['vnode_hold', of('times vn_hold called')],
    ['vnode_release', of('times vn_rele called')],
    ['vnode_reclaim', of('times vn_reclaim called')],
    ['vnode_remove', of('times vn_remove called')],
  ],
}; // prettier-ignore

/** /sys/fs/xfs: what each mounted file system has done. */
export const xfs: CreateSubject = ({ sysfs }) => {
  const root = `${sysfs}/fs/xfs`;
  return (page) => {
    const families = new FamilySet();
    for (const device of namesIn(root)) {
      for (const line of linesOf(tryReadProc(`${root}/${device}/stats/stats`) ?? '')) {
        const [head, ...counts] = wordsIn(line);
        const columns = LINES[head] ?? [];
        columns.forEach(([metric, help], i) => {
          if (counts[i] !== undefined)
            families.counter(`node_xfs_${metric}_total`, help, { device }, Number(counts[i]));
        });
      }
    }
    families.writeTo(page);
  };
};
