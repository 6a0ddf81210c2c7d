import { readProc } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const FILES = [
  ['entropy_avail', 'node_entropy_available_bits', 'Bits of available entropy.'],
  ['poolsize', 'node_entropy_pool_size_bits', 'Bits of entropy pool.'],
] as const;

/** /proc/sys/kernel/random. */
export const entropy: CreateSubject = ({ procfs }) => {
  return (page) => {
    for (const [file, name, help] of FILES) {
      const bits = Number(readProc(`${procfs}/sys/kernel/random/${file}`));
      page.family(name, 'gauge', help);
      page.sample(name, '', bits);
    }
  };
};
