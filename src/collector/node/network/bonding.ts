import { FamilySet } from '../family-set.ts';
import { readProc, tryReadText, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** /sys/class/net/bonding_masters: slaves of each bond, and how many of them are up. */
export const bonding: CreateSubject = ({ sysfs }) => {
  const root = `${sysfs}/class/net`;
  return (page) => {
    const families = new FamilySet();
    for (const master of wordsIn(readProc(`${root}/bonding_masters`)).filter((name) => name !== '')) {
      const slaves = (tryReadText(`${root}/${master}/bonding/slaves`) ?? '').split(/\s+/).filter((name) => name !== '');
      const isUp = (slave: string) =>
        ['lower', 'slave']
          .map((kind) => tryReadText(`${root}/${master}/${kind}_${slave}/bonding_slave/mii_status`))
          .includes('up');
      families.gauge(
        'node_bonding_slaves',
        'Number of configured slaves per bonding interface.',
        { master },
        slaves.length,
      );
      families.gauge('node_bonding_active', 'Number of active slaves per bonding interface.', { master }, slaves.filter(isUp).length); // prettier-ignore
    }
    families.writeTo(page);
  };
};
