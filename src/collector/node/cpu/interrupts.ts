import { FamilySet } from '../family-set.ts';
import { linesOf, readProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** /proc/interrupts: a row an interrupt, a column a CPU. Many series on large machines, so not on by default. */
export const interrupts: CreateSubject = ({ procfs }) => {
  return (page) => {
    const families = new FamilySet();
    const [head, ...rows] = linesOf(readProc(`${procfs}/interrupts`));
    const cpus = wordsIn(head).map((name) => name.slice('CPU'.length));
    for (const row of rows) {
      const [first, ...words] = wordsIn(row);
      // Counts of the whole machine, such as ERR, have one column.
      if (words.length < cpus.length) continue;
      const type = first.slice(0, -1);
      const rest = words.slice(cpus.length);
      const isNumbered = /^\d+$/.test(type);
      const info = isNumbered ? (rest[0] ?? '') : rest.join(' ');
      const devices = isNumbered ? rest.slice(1).join(' ') : '';
      cpus.forEach((cpu, i) =>
        families.counter('node_interrupts_total', 'Interrupt details.', { cpu, devices, info, type }, Number(words[i])),
      );
    }
    families.writeTo(page);
  };
};
