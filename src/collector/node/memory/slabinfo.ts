import { compileSearch } from '../../regex.ts';
import { FamilySet } from '../family-set.ts';
import { linesOf, readProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const COLUMNS = [
  ['active_objects', 'The number of objects that are currently active (i.e., in use).'],
  ['objects', 'The total number of allocated objects (i.e., objects that are both in use and not in use).'],
  ['object_size_bytes', 'The size of objects in this slab, in bytes.'],
  ['objects_per_slab', 'The number of objects stored in each slab.'],
  ['pages_per_slab', 'The number of pages allocated for each slab.'],
] as const;

/** /proc/slabinfo, which root alone may read: the kernel's own caches. */
export const slabinfo: CreateSubject = ({ procfs, slabinfo_slabs_include: include }) => {
  const isWanted = compileSearch(include);
  return (page) => {
    const families = new FamilySet();
    for (const line of linesOf(readProc(`${procfs}/slabinfo`)).slice(2)) {
      const [slab, ...columns] = wordsIn(line);
      if (!isWanted(slab)) continue;
      COLUMNS.forEach(([name, help], i) => families.gauge(`node_slabinfo_${name}`, help, { slab }, Number(columns[i])));
    }
    families.writeTo(page);
  };
};
