import { FamilySet } from '../family-set.ts';
import { namesIn, tryReadNumber, tryReadText } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const NUMBERS = [
  ['bootstatus', 'bootstatus'],
  ['fw_version', 'fw_version'],
  ['nowayout', 'nowayout'],
  ['timeleft', 'timeleft_seconds'],
  ['timeout', 'timeout_seconds'],
  ['pretimeout', 'pretimeout_seconds'],
  ['access_cs0', 'access_cs0'],
] as const;

const TEXTS = ['identity', 'options', 'pretimeout_governor', 'state', 'status'] as const;

/** /sys/class/watchdog. */
export const watchdog: CreateSubject = ({ sysfs }) => {
  const root = `${sysfs}/class/watchdog`;
  return (page) => {
    const families = new FamilySet();
    for (const name of namesIn(root)) {
      for (const [file, metric] of NUMBERS) {
        const help = `Value of /sys/class/watchdog/<watchdog>/${file}`;
        families.gauge(`node_watchdog_${metric}`, help, { name }, tryReadNumber(`${root}/${name}/${file}`));
      }
      const texts = TEXTS.map((file): [string, string] => [file, tryReadText(`${root}/${name}/${file}`) ?? '']);
      const labels = Object.fromEntries([...texts, ['name', name]].sort(([a], [b]) => (a < b ? -1 : 1)));
      families.gauge('node_watchdog_info', 'Info of /sys/class/watchdog/<watchdog>', labels, 1);
    }
    families.writeTo(page);
  };
};
