import { FamilySet } from '../family-set.ts';
import { readNames, tryReadNumber, tryReadText } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const MICRO = 1e6;

/** /sys/class/powercap: energy that packages, cores and memory have used. */
export const rapl: CreateSubject = ({ sysfs }) => {
  const root = `${sysfs}/class/powercap`;
  return (page) => {
    const families = new FamilySet();
    for (const name of readNames(root)) {
      const path = `${root}/${name}`;
      const zone = tryReadText(`${path}/name`);
      const energy = tryReadNumber(`${path}/energy_uj`);
      if (zone === undefined || energy === undefined) continue;
      // `package-0`, `dram`; behind a colon in the folder's name stands the number where the zone has none of its own.
      const [, kind = zone, own] = /^(.*?)(?:-(\d+))?$/.exec(zone) ?? [];
      const index = own ?? /:(\d+)$/.exec(name)?.[1] ?? '0';
      const metric = kind.replaceAll(/[^A-Za-z0-9_]/g, '_');
      const help = `Current RAPL ${metric} value in joules`;
      families.counter(`node_rapl_${metric}_joules_total`, help, { index, path }, energy / MICRO);
    }
    families.writeTo(page);
  };
};
