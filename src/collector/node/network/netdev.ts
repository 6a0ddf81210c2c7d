import { compileExclude } from '../../regex.ts';
import { escapeLabel } from '../page-writer.ts';
import { linesOf, readProc, tryReadProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** The columns of /proc/net/dev, in order. */
const COLUMNS = [
  'receive_bytes',
  'receive_packets',
  'receive_errs',
  'receive_drop',
  'receive_fifo',
  'receive_frame',
  'receive_compressed',
  'receive_multicast',
  'transmit_bytes',
  'transmit_packets',
  'transmit_errs',
  'transmit_drop',
  'transmit_fifo',
  'transmit_colls',
  'transmit_carrier',
  'transmit_compressed',
] as const;

/** Only /sys has this one. */
const NO_HANDLER = 'receive_nohandler';

interface Device {
  readonly name: string;
  readonly values: ReadonlyMap<string, number>;
}

/** /proc/net/dev, and `rx_nohandler` from /sys/class/net. */
export const netdev: CreateSubject = ({ procfs, sysfs, netdev_device_exclude: exclude }) => {
  const isExcluded = compileExclude(exclude);
  return (page) => {
    const devices = linesOf(readProc(`${procfs}/net/dev`))
      .slice(2)
      .map((line) => readDevice(line, sysfs))
      .filter(({ name }) => !isExcluded(name));
    for (const column of [...COLUMNS, NO_HANDLER]) {
      const name = `node_network_${column}_total`;
      page.family(name, 'counter', `Network device statistic ${column}.`);
      for (const device of devices) {
        const value = device.values.get(column);
        if (value !== undefined) page.sample(name, `device="${escapeLabel(device.name)}"`, value);
      }
    }
  };
};

function readDevice(line: string, sysfs: string): Device {
  const colon = line.lastIndexOf(':');
  const name = line.slice(0, colon).trim();
  const numbers = wordsIn(line.slice(colon + 1)).map(Number);
  const values = new Map<string, number>(COLUMNS.map((column, i) => [column, numbers[i]]));
  const noHandler = tryReadProc(`${sysfs}/class/net/${name}/statistics/rx_nohandler`);
  if (noHandler !== undefined) values.set(NO_HANDLER, Number(noHandler));
  return { name, values };
}
