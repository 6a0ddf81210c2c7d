import { FamilySet } from '../family-set.ts';
import { linesOf, readProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

// node_exporter has one help for both.
const HELP = 'Current cgroup number of the subsystem.';

/** /proc/cgroups: control groups by controller. */
export const cgroups: CreateSubject = ({ procfs }) => {
  return (page) => {
    const families = new FamilySet();
    for (const line of linesOf(readProc(`${procfs}/cgroups`)).filter((text) => !text.startsWith('#'))) {
      const [subsystem, , count, enabled] = wordsIn(line);
      families.gauge('node_cgroups_cgroups', HELP, { subsys_name: subsystem }, Number(count));
      families.gauge('node_cgroups_enabled', HELP, { subsys_name: subsystem }, Number(enabled));
    }
    families.writeTo(page);
  };
};
