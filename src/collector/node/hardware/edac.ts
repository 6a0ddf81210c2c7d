import { FamilySet } from '../family-set.ts';
import { namesIn, tryReadNumber, tryReadText } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** /sys/devices/system/edac: errors of memory by controller, row and channel. */
export const edac: CreateSubject = ({ sysfs }) => {
  const root = `${sysfs}/devices/system/edac/mc`;
  return (page) => {
    const families = new FamilySet();
    for (const name of namesIn(root).filter((folder) => /^mc\d+$/.test(folder))) {
      const folder = `${root}/${name}`;
      const controller = name.slice('mc'.length);
      const number = (file: string) => tryReadNumber(`${folder}/${file}`);
      families.counter('node_edac_correctable_errors_total', 'Total correctable memory errors.', { controller }, number('ce_count')); // prettier-ignore
      families.counter('node_edac_uncorrectable_errors_total', 'Total uncorrectable memory errors.', { controller }, number('ue_count')); // prettier-ignore
      writeRow(families, { controller, csrow: 'unknown' }, number('ce_noinfo_count'), number('ue_noinfo_count'));
      for (const row of namesIn(folder).filter((file) => /^csrow\d+$/.test(file))) {
        const labels = { controller, csrow: row.slice('csrow'.length) };
        writeRow(families, labels, number(`${row}/ce_count`), number(`${row}/ue_count`));
        writeChannels(families, `${folder}/${row}`, labels);
      }
    }
    families.writeTo(page);
  };
};

type RowLabels = Readonly<Record<'controller' | 'csrow', string>>;

function writeRow(families: FamilySet, labels: RowLabels, ce: number | undefined, ue: number | undefined): void {
  families.counter('node_edac_csrow_correctable_errors_total', 'Total correctable memory errors for this csrow.', labels, ce); // prettier-ignore
  families.counter('node_edac_csrow_uncorrectable_errors_total', 'Total uncorrectable memory errors for this csrow.', labels, ue); // prettier-ignore
}

function writeChannels(families: FamilySet, folder: string, { controller, csrow }: RowLabels): void {
  for (const file of namesIn(folder)) {
    const channel = /^ch(\d+)_ce_count$/.exec(file)?.[1];
    if (channel === undefined) continue;
    const number = (kind: string) => tryReadNumber(`${folder}/ch${channel}_${kind}_count`);
    const label = dimmLabel(tryReadText(`${folder}/ch${channel}_dimm_label`) ?? '');
    const labels = { channel, controller, csrow, dimm_label: label };
    families.counter('node_edac_channel_correctable_errors_total', 'Total correctable memory errors for this channel.', labels, number('ce')); // prettier-ignore
    families.counter('node_edac_channel_uncorrectable_errors_total', 'Total uncorrectable memory errors for this channel.', labels, number('ue')); // prettier-ignore
  }
}

/** `mc#0csrow#0channel#0` as `mc0_csrow0_channel0`; any other label as it is. */
function dimmLabel(text: string): string {
  return text.replace(/^(mc)#?(\d+)(csrow)#?(\d+)(channel)#?(\d+)$/, '$1$2_$3$4_$5$6');
}
