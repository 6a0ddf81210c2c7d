import { linesOf, readProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** Columns of hexadecimal numbers. */
const COLUMNS = [
  [0, 'processed_total', 'counter', 'Number of processed packets'],
  [1, 'dropped_total', 'counter', 'Number of dropped packets'],
  [2, 'times_squeezed_total', 'counter', 'Number of times processing packets ran out of quota'],
  [8, 'cpu_collision_total', 'counter', 'Number of collision occur while obtaining device lock while transmitting'],
  [9, 'received_rps_total', 'counter', 'Number of times cpu woken up received_rps'],
  [10, 'flow_limit_count_total', 'counter', 'Number of times flow limit has been reached'],
  [11, 'backlog_len', 'gauge', 'Softnet backlog status'],
] as const;
const CPU_COLUMN = 12;

/** /proc/net/softnet_stat: packets by CPU. Older kernels have fewer columns, and no number of the CPU. */
export const softnet: CreateSubject = ({ procfs }) => {
  return (page) => {
    const rows = linesOf(readProc(`${procfs}/net/softnet_stat`)).map((line) =>
      wordsIn(line).map((word) => Number.parseInt(word, 16)),
    );
    for (const [column, name, type, help] of COLUMNS) {
      page.family(`node_softnet_${name}`, type, help);
      rows.forEach((row, i) => page.sample(`node_softnet_${name}`, `cpu="${row[CPU_COLUMN] ?? i}"`, row[column] ?? 0));
    }
  };
};
