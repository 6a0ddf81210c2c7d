import { FamilySet } from '../family-set.ts';
import { linesOf, readNames, tryReadProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** /sys/devices/system/node: memory and its misses by NUMA node. */
export const meminfoNuma: CreateSubject = ({ sysfs }) => {
  const root = `${sysfs}/devices/system/node`;
  return (page) => {
    const families = new FamilySet();
    for (const name of readNames(root).filter((folder) => /^node\d+$/.test(folder))) {
      const node = name.slice('node'.length);
      for (const line of linesOf(tryReadProc(`${root}/${name}/meminfo`) ?? '')) {
        const [, , key, amount, unit] = wordsIn(line);
        const field = key.slice(0, -1).replace(/\((.*)\)/, '_$1');
        const bytes = Number(amount) * (unit === 'kB' ? 1024 : 1);
        families.gauge(`node_memory_numa_${field}`, `Memory information field ${field}.`, { node }, bytes);
      }
      for (const line of linesOf(tryReadProc(`${root}/${name}/numastat`) ?? '')) {
        const [field, count] = wordsIn(line);
        families.counter(`node_memory_numa_${field}_total`, `Memory information field ${field}_total.`, { node }, Number(count)); // prettier-ignore
      }
    }
    families.writeTo(page);
  };
};
