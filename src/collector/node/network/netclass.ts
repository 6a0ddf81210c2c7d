import { compileExclude } from '../../regex.ts';
import { FamilySet } from '../family-set.ts';
import { namesIn, tryReadNumber, tryReadText } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** Files of a device that hold one number, and the names node_exporter has for them. */
const NUMBERS = [
  ['addr_assign_type', 'address_assign_type', 'gauge'],
  ['carrier', 'carrier', 'gauge'],
  ['carrier_changes', 'carrier_changes_total', 'counter'],
  ['carrier_up_count', 'carrier_up_changes_total', 'counter'],
  ['carrier_down_count', 'carrier_down_changes_total', 'counter'],
  ['dev_id', 'device_id', 'gauge'],
  ['dormant', 'dormant', 'gauge'],
  ['flags', 'flags', 'gauge'],
  ['ifindex', 'iface_id', 'gauge'],
  ['iflink', 'iface_link', 'gauge'],
  ['link_mode', 'iface_link_mode', 'gauge'],
  ['mtu', 'mtu_bytes', 'gauge'],
  ['name_assign_type', 'name_assign_type', 'gauge'],
  ['netdev_group', 'net_dev_group', 'gauge'],
  ['tx_queue_len', 'transmit_queue_length', 'gauge'],
  ['type', 'protocol_type', 'gauge'],
] as const;

const BYTES_PER_MBIT = 1e6 / 8;
/** The flag of a device that was switched on. */
const IFF_UP = 1;

/** /sys/class/net: properties of network devices. */
export const netclass: CreateSubject = (config) => {
  const { sysfs, netclass_ignored_devices: ignored, netclass_ignore_invalid_speed: ignoreSpeed } = config;
  const root = `${sysfs}/class/net`;
  const isIgnored = compileExclude(ignored);
  return (page) => {
    const families = new FamilySet();
    for (const device of namesIn(root)) {
      const folder = `${root}/${device}`;
      const address = tryReadText(`${folder}/address`);
      if (isIgnored(device) || address === undefined) continue;
      writeDevice(families, folder, device, address);
      // In Mbit/s; -1 where it is not known.
      const speed = tryReadNumber(`${folder}/speed`);
      if (speed !== undefined && (speed >= 0 || !ignoreSpeed))
        families.gauge('node_network_speed_bytes', 'Network device property: speed_bytes', { device }, speed * BYTES_PER_MBIT); // prettier-ignore
    }
    families.writeTo(page);
  };
};

function writeDevice(families: FamilySet, folder: string, device: string, address: string): void {
  const text = (file: string) => tryReadText(`${folder}/${file}`) ?? '';
  const flags = tryReadNumber(`${folder}/flags`);
  const operstate = text('operstate');
  families.gauge('node_network_up', "Value is 1 if operstate is 'up', 0 otherwise.", { device }, operstate === 'up' ? 1 : 0); // prettier-ignore
  const info = {
    address,
    adminstate: flags === undefined ? 'unknown' : (flags & IFF_UP) === 0 ? 'down' : 'up',
    broadcast: text('broadcast'),
    device,
    duplex: text('duplex'),
    ifalias: text('ifalias'),
    operstate,
  };
  families.gauge('node_network_info', 'Non-numeric data from /sys/class/net/<iface>, value is always 1.', info, 1);
  for (const [file, name, type] of NUMBERS) {
    const value = tryReadNumber(`${folder}/${file}`);
    families.add(`node_network_${name}`, type, `Network device property: ${name}`, { device }, value);
  }
}
