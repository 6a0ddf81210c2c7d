import { readProc, tryReadProc } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** `some`: at least one process waits; `full`: none gets on. For cpu `full` means nothing on the whole system. */
const METRICS = [
  ['cpu', 'some', 'waiting', 'Total time in seconds that processes have waited for CPU time'],
  ['io', 'some', 'waiting', 'Total time in seconds that processes have waited due to IO congestion'],
  ['io', 'full', 'stalled', 'Total time in seconds no process could make progress due to IO congestion'],
  ['memory', 'some', 'waiting', 'Total time in seconds that processes have waited for memory'],
  ['memory', 'full', 'stalled', 'Total time in seconds no process could make progress due to memory congestion'],
  ['irq', 'full', 'stalled', 'Total time in seconds no process could make progress due to IRQ congestion'],
] as const;

/** /proc/pressure (PSI), in microseconds. Kernels without PSI have no such folder, older ones no `irq`. */
export const pressure: CreateSubject = ({ procfs }) => {
  return (page) => {
    readProc(`${procfs}/pressure/cpu`);
    for (const [resource, share, state, help] of METRICS) {
      const line = tryReadProc(`${procfs}/pressure/${resource}`)
        ?.split('\n')
        .find((text) => text.startsWith(share));
      const total = line === undefined ? null : /total=(\d+)/.exec(line);
      if (total === null) continue;
      const name = `node_pressure_${resource}_${state}_seconds_total`;
      page.family(name, 'counter', help);
      page.sample(name, '', Number(total[1]) / 1e6);
    }
  };
};
