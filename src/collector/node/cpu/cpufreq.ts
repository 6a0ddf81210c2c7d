import { FamilySet } from '../family-set.ts';
import { namesIn, tryReadNumber, tryReadText, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const KILO = 1000;

/** Files in kilohertz. */
const FREQUENCIES = [
  ['cpuinfo_cur_freq', 'frequency_hertz', 'Current CPU thread frequency in hertz.'],
  ['cpuinfo_min_freq', 'frequency_min_hertz', 'Minimum CPU thread frequency in hertz.'],
  ['cpuinfo_max_freq', 'frequency_max_hertz', 'Maximum CPU thread frequency in hertz.'],
  ['scaling_cur_freq', 'scaling_frequency_hertz', 'Current scaled CPU thread frequency in hertz.'],
  ['scaling_min_freq', 'scaling_frequency_min_hertz', 'Minimum scaled CPU thread frequency in hertz.'],
  ['scaling_max_freq', 'scaling_frequency_max_hertz', 'Maximum scaled CPU thread frequency in hertz.'],
] as const;

/** /sys/devices/system/cpu/cpuN/cpufreq; virtual machines have none. */
export const cpufreq: CreateSubject = ({ sysfs }) => {
  const root = `${sysfs}/devices/system/cpu`;
  return (page) => {
    const families = new FamilySet();
    for (const name of namesIn(root).filter((folder) => /^cpu\d+$/.test(folder))) {
      const folder = `${root}/${name}/cpufreq`;
      const cpu = name.slice('cpu'.length);
      for (const [file, metric, help] of FREQUENCIES) {
        const kilohertz = tryReadNumber(`${folder}/${file}`);
        if (kilohertz !== undefined) families.gauge(`node_cpu_${metric}`, help, { cpu }, kilohertz * KILO);
      }
      const governor = tryReadText(`${folder}/scaling_governor`);
      for (const available of wordsIn(tryReadText(`${folder}/scaling_available_governors`) ?? ''))
        if (available !== '')
          families.gauge('node_cpu_scaling_governor', 'Current enabled CPU frequency governor.', { cpu, governor: available }, available === governor ? 1 : 0); // prettier-ignore
    }
    families.writeTo(page);
  };
};
