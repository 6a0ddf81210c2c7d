import { FamilySet } from '../family-set.ts';
import { linesOf, namesIn, readProc, tryReadNumber, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const STATES = ['active', 'inactive', 'recovering', 'resync', 'check'] as const;
type State = (typeof STATES)[number];

/** Levels that have no spare data: all their disks are needed. */
const WITHOUT_PARITY = /^(?:linear|raid0)$/;

interface Raid {
  readonly device: string;
  readonly state: State;
  readonly active: number;
  readonly required: number;
  readonly failed: number;
  readonly spare: number;
  readonly blocks: number;
  readonly synced: number;
}

/** /proc/mdstat: software RAID, and its degradation from /sys/block/mdN/md. */
export const mdadm: CreateSubject = ({ procfs, sysfs }) => {
  return (page) => {
    const families = new FamilySet();
    for (const array of readMdstat(readProc(`${procfs}/mdstat`))) {
      const { device } = array;
      families.gauge('node_md_disks_required', 'Total number of disks of device.', { device }, array.required);
      for (const state of ['active', 'failed', 'spare'] as const)
        families.gauge('node_md_disks', 'Number of active/failed/spare disks of device.', { device, state }, array[state]); // prettier-ignore
      for (const state of STATES)
        families.gauge('node_md_state', 'Indicates the state of md-device.', { device, state }, array.state === state ? 1 : 0); // prettier-ignore
      families.gauge('node_md_blocks', 'Total number of blocks on device.', { device }, array.blocks);
      families.gauge('node_md_blocks_synced', 'Number of blocks synced on device.', { device }, array.synced);
    }
    for (const device of namesIn(`${sysfs}/block`).filter((name) => name.startsWith('md'))) {
      const number = (file: string) => tryReadNumber(`${sysfs}/block/${device}/md/${file}`);
      const disks = number('raid_disks');
      if (disks === undefined) continue;
      families.gauge('node_md_degraded', 'Number of degraded disks on device.', { device }, number('degraded') ?? 0);
      families.gauge('node_md_raid_disks', 'Number of raid disks on device.', { device }, disks);
    }
    families.writeTo(page);
  };
};

/** The arrays of /proc/mdstat: a paragraph each. */
function readMdstat(text: string): Raid[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const lines = linesOf(paragraph);
    const start = lines.findIndex((line) => /^md\S* : /.test(line));
    return start < 0 ? [] : [readArray(lines.slice(start))];
  });
}

function readArray([head, size = '', ...rest]: readonly string[]): Raid {
  const [device, , active, ...words] = wordsIn(head);
  const disks = words.filter((word) => /\[\d+\]/.test(word));
  const failed = disks.filter((disk) => disk.includes('(F)')).length;
  const spare = disks.filter((disk) => disk.includes('(S)')).length;
  const blocks = Number(/(\d+) blocks/.exec(size)?.[1] ?? 0);
  const sync = rest
    .map((line) => /(recovery|reshape|resync|check)\s*=/.exec(line)?.[1])
    .find((word) => word !== undefined);
  const done = rest.map((line) => /\((\d+)\/\d+\)/.exec(line)?.[1]).find((word) => word !== undefined);
  const state = active === 'inactive' ? 'inactive' : stateOf(sync);
  const isStriped = words.some((word) => WITHOUT_PARITY.test(word));
  const [, required, present] = /\[(\d+)\/(\d+)\]/.exec(size) ?? [];
  const listed = disks.length - failed - spare;
  return {
    device,
    state,
    active: state === 'inactive' ? 0 : isStriped ? listed : Number(present ?? 0),
    required: state === 'inactive' ? 0 : isStriped ? listed : Number(required ?? 0),
    failed,
    spare,
    blocks,
    // Without figures the work waits: `resync=DELAYED`.
    synced: sync === undefined ? blocks : Number(done ?? 0),
  };
}

function stateOf(sync: string | undefined): State {
  if (sync === undefined) return 'active';
  return sync === 'check' || sync === 'resync' ? sync : 'recovering';
}
