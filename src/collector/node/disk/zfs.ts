import { FamilySet } from '../family-set.ts';
import { linesOf, namesIn, readNames, tryReadProc, tryReadText, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** Files of the whole machine, and the word that stands before their fields. */
const FILES = {
  abdstats: 'abd',
  arcstats: 'arc',
  dbufstats: 'dbuf',
  dmu_tx: 'dmu_tx',
  dnodestats: 'dnode',
  fm: 'fm',
  vdev_cache_stats: 'vdev_cache',
  vdev_mirror_stats: 'vdev_mirror',
  xuio_stats: 'xuio',
  zfetchstats: 'zfetch',
  zil: 'zil',
} as const;

/** Types of fields that hold a number: 64 bits with and without a sign. */
const NUMBER_TYPES = new Set(['3', '4']);

const POOL_STATES = ['online', 'degraded', 'faulted', 'offline', 'removed', 'unavail', 'suspended'] as const;

/** /proc/spl/kstat/zfs: caches, transactions, pools and data sets. */
export const zfs: CreateSubject = ({ procfs }) => {
  const root = `${procfs}/spl/kstat/zfs`;
  return (page) => {
    const families = new FamilySet();
    const names = readNames(root);
    for (const [file, word] of Object.entries(FILES)) {
      for (const [field, type, value] of fieldsOf(tryReadProc(`${root}/${file}`) ?? ''))
        if (NUMBER_TYPES.has(type)) add(families, word, file, field, {}, Number(value));
    }
    for (const zpool of names.filter((name) => !(name in FILES))) writePool(families, `${root}/${zpool}`, zpool);
    families.writeTo(page);
  };
};

function writePool(families: FamilySet, folder: string, zpool: string): void {
  const state = tryReadText(`${folder}/state`)?.toLowerCase();
  if (state !== undefined)
    for (const one of POOL_STATES)
      families.gauge('node_zfs_zpool_state', 'kstat.zfs.misc.state', { state: one, zpool }, one === state ? 1 : 0);
  const [, heads, values] = linesOf(tryReadProc(`${folder}/io`) ?? '').map(wordsIn);
  heads?.forEach((field, i) => add(families, 'zpool', 'io', field, { zpool }, Number(values?.[i] ?? 0)));
  for (const file of namesIn(folder).filter((name) => name.startsWith('objset-'))) {
    const fields = fieldsOf(tryReadProc(`${folder}/${file}`) ?? '');
    const dataset = fields.find(([field]) => field === 'dataset_name')?.[2];
    if (dataset === undefined) continue;
    for (const [field, type, value] of fields)
      if (NUMBER_TYPES.has(type)) add(families, 'zpool_dataset', 'objset', field, { dataset, zpool }, Number(value));
  }
}

/** Lines of name, type and value, below two of heads. */
function fieldsOf(text: string): [field: string, type: string, value: string][] {
  return linesOf(text)
    .slice(2)
    .flatMap((line): [string, string, string][] => {
      // A data set's name may have blanks, also several in a row.
      const [, field, type, value] = /^(\S+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      return field === undefined ? [] : [[field, type, value]];
    });
}

function add(
  families: FamilySet,
  word: string,
  file: string,
  field: string,
  labels: Readonly<Record<string, string>>,
  value: number,
): void {
  const name = field.replaceAll(/[^A-Za-z0-9_]/g, '_');
  families.add(`node_zfs_${word}_${name}`, 'untyped', `kstat.zfs.misc.${file}.${field}`, labels, value);
}
