import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { compileExclude } from '../../regex.ts';
import { FamilySet } from '../family-set.ts';
import { namesIn, readNames, tryReadNumber, tryReadText } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** A file of a sensor: its kind, its number, and what of it the file holds: `temp1_crit_alarm`. */
const FILE = /^((?:in|cpu|fan|pwm|temp|curr|power|energy|humidity|intrusion|freq)\d+)(?:_(.+))?$/;

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly divisor: number;
  readonly type?: 'counter';
}

const MILLI = 1e3;
const MICRO = 1e6;

/** /sys/class/hwmon: temperatures, fans, voltages, power. */
export const hwmon: CreateSubject = ({ sysfs, hwmon_chip_exclude: exclude }) => {
  const root = `${sysfs}/class/hwmon`;
  const isExcluded = compileExclude(exclude);
  return (page) => {
    const families = new FamilySet();
    for (const entry of readNames(root)) {
      const folder = `${root}/${entry}`;
      const name = clean(tryReadText(`${folder}/name`) ?? '');
      const chip = chipOf(folder, entry, name);
      if (isExcluded(chip)) continue;
      if (name !== '')
        families.gauge('node_hwmon_chip_names', 'Annotation metric for human-readable chip names', { chip, chip_name: name }, 1); // prettier-ignore
      // Old drivers have the files of their sensors with the device.
      for (const place of [folder, `${folder}/device`]) writeSensors(families, place, chip);
    }
    families.writeTo(page);
  };
};

/** The device behind the chip by bus and name, and by the chip's name where the device has several; else the chip's name. */
function chipOf(folder: string, entry: string, name: string): string {
  try {
    const device = realpathSync(`${folder}/device`);
    const own = [basename(dirname(device)), basename(device)].map(clean).join('_');
    return namesIn(`${device}/hwmon`).length > 1 && name !== '' ? `${own}_${name}` : own;
  } catch {
    return name === '' ? clean(entry) : name;
  }
}

function writeSensors(families: FamilySet, folder: string, chip: string): void {
  for (const file of namesIn(folder)) {
    const [, sensor, element = ''] = FILE.exec(file) ?? [];
    if (sensor === undefined) continue;
    if (element === 'label') {
      const label = tryReadText(`${folder}/${file}`) ?? '';
      families.gauge('node_hwmon_sensor_label', 'Label for given chip and sensor', { chip, label, sensor }, 1);
      continue;
    }
    const value = tryReadNumber(`${folder}/${file}`);
    const kind = sensor.replace(/\d+$/, '');
    const { name, help, divisor, type = 'gauge' } = metricOf(kind, element);
    // The clocks of a GPU are known by their names.
    const named = kind === 'freq' ? tryReadText(`${folder}/${sensor}_label`) : undefined;
    if (value !== undefined)
      families.add(`node_hwmon_${name}`, type, help, { chip, sensor: named ?? sensor }, value / divisor);
  }
}

function metricOf(kind: string, element: string): Metric {
  const of = element === '' ? 'input' : element;
  const infix = of === 'input' ? '' : `_${of}`;
  if (of === 'alarm') return { name: `${kind}_alarm`, help: `Hardware sensor alarm status (${kind})`, divisor: 1 };
  if (of === 'beep')
    return { name: `${kind}_beep_enabled`, help: 'Hardware monitor sensor has beeping enabled', divisor: 1 };
  if (of === 'type' || of === 'fault')
    return { name: `${kind}_${of}`, help: `Hardware monitor ${kind} element ${of}`, divisor: 1 };
  switch (kind) {
    case 'temp':
      return { name: `temp${infix}_celsius`, help: `Hardware monitor for temperature (${of})`, divisor: MILLI };
    case 'in':
    case 'cpu':
      return { name: `${kind}${infix}_volts`, help: `Hardware monitor for voltage (${of})`, divisor: MILLI };
    case 'curr':
      return { name: `curr${infix}_amps`, help: `Hardware monitor for current (${of})`, divisor: MILLI };
    case 'energy':
      return { name: `energy${infix}_joule_total`, help: `Hardware monitor for joules used so far (${of})`, divisor: MICRO, type: 'counter' }; // prettier-ignore
    case 'power':
      if (of === 'accuracy')
        return { name: 'power_accuracy', help: 'Hardware monitor power meter accuracy, as a ratio', divisor: MICRO };
      return { name: `power${infix}_watt`, help: `Hardware monitor for power usage in watts (${of})`, divisor: MICRO };
    case 'humidity':
      return { name: `humidity${infix}`, help: `Hardware monitor for humidity, as a ratio (multiply with 100.0 to get the humidity as a percentage) (${of})`, divisor: MICRO }; // prettier-ignore
    case 'fan':
      if (/^(?:input|min|max|target)$/.test(of))
        return { name: `fan${infix}_rpm`, help: `Hardware monitor for fan revolutions per minute (${of})`, divisor: 1 };
      break;
    case 'freq':
      if (of === 'input')
        return { name: 'freq_freq_mhz', help: 'Hardware monitor for GPU frequency in MHz', divisor: MICRO };
  }
  const name = element === '' ? kind : `${kind}_${element}`;
  return { name, help: `Hardware monitor ${kind} element ${element === '' ? 'input' : element}`, divisor: 1 };
}

function clean(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
}
