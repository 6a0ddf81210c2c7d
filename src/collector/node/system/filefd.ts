import { readProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** /proc/sys/fs/file-nr: allocated, free (always 0), maximum. */
export const filefd: CreateSubject = ({ procfs }) => {
  return (page) => {
    const [allocated, , maximum] = wordsIn(readProc(`${procfs}/sys/fs/file-nr`)).map(Number);
    for (const [name, value] of Object.entries({ allocated, maximum })) {
      page.family(`node_filefd_${name}`, 'gauge', `File descriptor statistics: ${name}.`);
      page.sample(`node_filefd_${name}`, '', value);
    }
  };
};
