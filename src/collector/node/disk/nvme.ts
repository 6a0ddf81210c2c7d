import { FamilySet } from '../family-set.ts';
import { namesIn, readNames, tryReadNumber, tryReadText } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const DEFAULT_BLOCK = 4096;

/** /sys/class/nvme: controllers and their namespaces. */
export const nvme: CreateSubject = ({ sysfs }) => {
  const root = `${sysfs}/class/nvme`;
  return (page) => {
    const families = new FamilySet();
    for (const device of readNames(root)) {
      const text = (file: string) => tryReadText(`${root}/${device}/${file}`) ?? '';
      const info = {
        cntlid: text('cntlid'),
        device,
        firmware_revision: text('firmware_rev'),
        model: text('model'),
        serial: text('serial'),
        state: text('state'),
      };
      families.gauge('node_nvme_info', 'Non-numeric data from /sys/class/nvme/<device>, value is always 1.', info, 1);
      for (const name of namesIn(`${root}/${device}`)) {
        const nsid = /^nvme\d+(?:c\d+)?n(\d+)$/.exec(name)?.[1];
        if (nsid !== undefined) writeNamespace(families, `${root}/${device}/${name}`, { device, nsid });
      }
    }
    families.writeTo(page);
  };
};

function writeNamespace(
  families: FamilySet,
  folder: string,
  labels: Readonly<Record<'device' | 'nsid', string>>,
): void {
  const anaState = tryReadText(`${folder}/ana_state`) ?? 'unknown';
  const block = tryReadNumber(`${folder}/queue/logical_block_size`) ?? DEFAULT_BLOCK;
  const sectors = tryReadNumber(`${folder}/size`);
  const used = tryReadNumber(`${folder}/nuse`);
  const gauge = (name: string, help: string, value: number | undefined) =>
    families.gauge(`node_nvme_namespace_${name}`, help, labels, value);
  families.gauge('node_nvme_namespace_info', 'Information about NVMe namespaces. Value is always 1', { ana_state: anaState, ...labels }, 1); // prettier-ignore
  gauge('capacity_bytes', 'Capacity of the NVMe namespace in bytes. Computed as namespace_size * namespace_logical_block_size', sectors === undefined ? undefined : sectors * block); // prettier-ignore
  gauge('size_bytes', 'Size of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/size', sectors === undefined ? undefined : sectors * block); // prettier-ignore
  gauge('used_bytes', 'Used space of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/nuse', used === undefined ? undefined : used * block); // prettier-ignore
  gauge('logical_block_size_bytes', 'Logical block size of the NVMe namespace in bytes. Usually 4Kb. Available in /sys/class/nvme/<device>/<namespace>/queue/logical_block_size', block); // prettier-ignore
}
