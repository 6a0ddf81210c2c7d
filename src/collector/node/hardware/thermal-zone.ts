import { FamilySet } from '../family-set.ts';
import { namesIn, tryReadNumber, tryReadText } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** /sys/class/thermal: temperatures of zones, states of cooling devices. */
export const thermalZone: CreateSubject = ({ sysfs }) => {
  const root = `${sysfs}/class/thermal`;
  return (page) => {
    const families = new FamilySet();
    for (const name of namesIn(root)) {
      const type = tryReadText(`${root}/${name}/type`) ?? '';
      const number = (file: string) => tryReadNumber(`${root}/${name}/${file}`);
      if (name.startsWith('thermal_zone')) {
        const millidegrees = number('temp');
        const labels = { type, zone: name.slice('thermal_zone'.length) };
        if (millidegrees !== undefined)
          families.gauge('node_thermal_zone_temp', 'Zone temperature in Celsius', labels, millidegrees / 1000);
      } else if (name.startsWith('cooling_device')) {
        const labels = { name: name.slice('cooling_device'.length), type };
        families.gauge('node_cooling_device_cur_state', 'Current throttle state of the cooling device', labels, number('cur_state')); // prettier-ignore
        families.gauge('node_cooling_device_max_state', 'Maximum throttle state of the cooling device', labels, number('max_state')); // prettier-ignore
      }
    }
    families.writeTo(page);
  };
};
