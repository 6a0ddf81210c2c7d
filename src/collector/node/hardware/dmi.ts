import { labelText } from '../page-writer.ts';
import { readNames, tryReadText } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** Labels in their order, each of the file of its name but the last. */
const LABELS = [
  'bios_date',
  'bios_release',
  'bios_vendor',
  'bios_version',
  'board_asset_tag',
  'board_name',
  'board_serial',
  'board_vendor',
  'board_version',
  'chassis_asset_tag',
  'chassis_serial',
  'chassis_vendor',
  'chassis_version',
  'product_family',
  'product_name',
  'product_serial',
  'product_sku',
  'product_uuid',
  'product_version',
  'system_vendor',
] as const;

/** /sys/class/dmi/id: what the machine says it is. Serial numbers are readable by root alone. Read once, for it does not change. */
export const dmi: CreateSubject = ({ sysfs }) => {
  const root = `${sysfs}/class/dmi/id`;
  let text: string | undefined;
  return (page) => {
    if (text === undefined) {
      readNames(root);
      const labels: Record<string, string> = {};
      for (const label of LABELS) {
        const value = tryReadText(`${root}/${label === 'system_vendor' ? 'sys_vendor' : label}`);
        if (value !== undefined) labels[label] = Buffer.from(value, 'latin1').toString('utf8');
      }
      text = labelText(labels);
    }
    page.family('node_dmi_info', 'gauge', `A metric with a constant '1' value labeled by ${LABELS.join(', ')} if provided by DMI.`); // prettier-ignore
    page.sample('node_dmi_info', text, 1);
  };
};
