import { linesOf, readProc, wordsIn } from '../proc-file.ts';
import { compileSearch } from '../../regex.ts';
import type { CreateSubject } from '../subject.ts';

/** The fields of /proc/vmstat that are asked for. */
export const vmstat: CreateSubject = ({ procfs, vmstat_fields: fields }) => {
  const isWanted = compileSearch(fields);
  return (page) => {
    for (const line of linesOf(readProc(`${procfs}/vmstat`))) {
      const [field, value] = wordsIn(line);
      if (!isWanted(field)) continue;
      page.family(`node_vmstat_${field}`, 'untyped', `/proc/vmstat information field ${field}.`);
      page.sample(`node_vmstat_${field}`, '', Number(value));
    }
  };
};
