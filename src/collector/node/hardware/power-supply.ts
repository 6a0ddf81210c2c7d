import { compileExclude } from '../../regex.ts';
import { FamilySet } from '../family-set.ts';
import { namesIn, tryReadNumber, tryReadText } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const MICRO = 1e6;
const TENTH = 10;

/** Files that hold a number, the metric's name and what divides the number. */
const NUMBERS = [
  ['authentic', 'authentic', 1],
  ['calibrate', 'calibrate', 1],
  ['capacity', 'capacity', 1],
  ['capacity_alert_max', 'capacity_alert_max', 1],
  ['capacity_alert_min', 'capacity_alert_min', 1],
  ['cycle_count', 'cyclecount', 1],
  ['online', 'online', 1],
  ['present', 'present', 1],
  ['time_to_empty_now', 'time_to_empty_seconds', 1],
  ['time_to_full_now', 'time_to_full_seconds', 1],
  ['current_boot', 'current_boot', MICRO],
  ['current_max', 'current_max', MICRO],
  ['current_now', 'current_ampere', MICRO],
  ['energy_empty', 'energy_empty', MICRO],
  ['energy_empty_design', 'energy_empty_design', MICRO],
  ['energy_full', 'energy_full', MICRO],
  ['energy_full_design', 'energy_full_design', MICRO],
  ['energy_now', 'energy_watthour', MICRO],
  ['voltage_boot', 'voltage_boot', MICRO],
  ['voltage_max', 'voltage_max', MICRO],
  ['voltage_max_design', 'voltage_max_design', MICRO],
  ['voltage_min', 'voltage_min', MICRO],
  ['voltage_min_design', 'voltage_min_design', MICRO],
  ['voltage_now', 'voltage_volt', MICRO],
  ['voltage_ocv', 'voltage_ocv', MICRO],
  ['charge_control_limit', 'charge_control_limit', 1],
  ['charge_control_limit_max', 'charge_control_limit_max', 1],
  ['charge_counter', 'charge_counter', MICRO],
  ['charge_empty', 'charge_empty', MICRO],
  ['charge_empty_design', 'charge_empty_design', MICRO],
  ['charge_full', 'charge_full', MICRO],
  ['charge_full_design', 'charge_full_design', MICRO],
  ['charge_now', 'charge_ampere', MICRO],
  ['charge_term_current', 'charge_term_current', MICRO],
  ['constant_charge_current', 'constant_charge_current', MICRO],
  ['constant_charge_current_max', 'constant_charge_current_max', MICRO],
  ['constant_charge_voltage', 'constant_charge_voltage', MICRO],
  ['constant_charge_voltage_max', 'constant_charge_voltage_max', MICRO],
  ['precharge_current', 'precharge_current', MICRO],
  ['input_current_limit', 'input_current_limit', MICRO],
  ['power_now', 'power_watt', MICRO],
  ['temp', 'temp_celsius', TENTH],
  ['temp_alert_max', 'temp_alert_max_celsius', TENTH],
  ['temp_alert_min', 'temp_alert_min_celsius', TENTH],
  ['temp_ambient', 'temp_ambient_celsius', TENTH],
  ['temp_ambient_max', 'temp_ambient_max_celsius', TENTH],
  ['temp_ambient_min', 'temp_ambient_min_celsius', TENTH],
  ['temp_max', 'temp_max_celsius', TENTH],
  ['temp_min', 'temp_min_celsius', TENTH],
] as const;

const TEXTS = [
  'capacity_level',
  'charge_type',
  'health',
  'manufacturer',
  'model_name',
  'serial_number',
  'status',
  'technology',
  'type',
  'usb_type',
  'scope',
] as const;

/** /sys/class/power_supply: batteries and mains. */
export const powersupplyclass: CreateSubject = ({ sysfs, powersupply_ignored_supplies: ignored }) => {
  const root = `${sysfs}/class/power_supply`;
  const isIgnored = compileExclude(ignored);
  return (page) => {
    const families = new FamilySet();
    for (const supply of namesIn(root).filter((name) => !isIgnored(name))) {
      for (const [file, name, divisor] of NUMBERS) {
        const value = tryReadNumber(`${root}/${supply}/${file}`);
        if (value === undefined) continue;
        const help = `${name} value of /sys/class/power_supply/<power_supply>.`;
        families.gauge(`node_power_supply_${name}`, help, { power_supply: supply }, value / divisor);
      }
      const texts = TEXTS.flatMap((file): [string, string][] => {
        const value = tryReadText(`${root}/${supply}/${file}`);
        return value === undefined || value === '' ? [] : [[file, Buffer.from(value, 'latin1').toString('utf8')]];
      });
      const labels = Object.fromEntries([...texts, ['power_supply', supply]].sort(([a], [b]) => (a < b ? -1 : 1)));
      families.gauge('node_power_supply_info', 'info of /sys/class/power_supply/<power_supply>.', labels, 1);
    }
    families.writeTo(page);
  };
};
