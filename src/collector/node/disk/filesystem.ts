import { type StatsFs, statfs } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { compileSearch } from '../../regex.ts';
import type { NodeConfig } from '../config.ts';
import { labelText, type PageWriter } from '../page-writer.ts';
import { linesOf, readProc, tryReadProc } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/**
 * A question to a dead NFS server holds one of libuv's four threads until the server is back. Once so many mounts are
 * stuck, no further one is asked, or no file of the whole program could be read any more.
 */
const MOST_STUCK = 2;
const STUCK = 'mountpoint timeout';

interface Mount {
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: string;
  readonly major: string;
  readonly minor: string;
  readonly readonly: boolean;
}

interface Answer {
  readonly mount: Mount;
  readonly stats?: StatsFs;
  /** '' where there are stats. */
  readonly error: string;
}

const METRICS = [
  ['size_bytes', 'Filesystem size in bytes.', (stats: StatsFs) => stats.blocks * stats.bsize],
  ['free_bytes', 'Filesystem free space in bytes.', (stats: StatsFs) => stats.bfree * stats.bsize],
  [
    'avail_bytes',
    'Filesystem space available to non-root users in bytes.',
    (stats: StatsFs) => stats.bavail * stats.bsize,
  ],
  ['files', 'Filesystem total file nodes.', (stats: StatsFs) => stats.files],
  ['files_free', 'Filesystem total free file nodes.', (stats: StatsFs) => stats.ffree],
  ['purgeable_bytes', 'Filesystem space available including purgeable space (MacOS specific).', () => 0],
] as const;

/** Size and use of what is mounted, from /proc/1/mountinfo and statfs(2), which is given a bounded time. */
export const filesystem: CreateSubject = (config) => {
  const ask = createAsker(config);
  const isWanted = createFilter(config);
  return async (page) => {
    const mounts = readMounts(config).filter(isWanted);
    const answers = await Promise.all(mounts.map(ask));
    writeAnswers(page, answers);
  };
};

function createFilter(config: NodeConfig): (mount: Mount) => boolean {
  const isExcludedPath = compileSearch(config.filesystem_mount_points_exclude);
  const isExcludedType = compileSearch(config.filesystem_fs_types_exclude);
  return ({ mountpoint, fstype }) => !isExcludedPath(mountpoint) && !isExcludedType(fstype);
}

/** What is mounted, each device and mount point once. Inside a container PID 1 of the host tells, where it is to be seen. */
function readMounts({ procfs, rootfs }: NodeConfig): Mount[] {
  const text = tryReadProc(`${procfs}/1/mountinfo`) ?? readProc(`${procfs}/self/mountinfo`);
  const mounts = new Map<string, Mount>();
  for (const line of linesOf(text)) {
    // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue (proc(5))
    const [before, behind] = line.split(' - ');
    if (behind === undefined) continue;
    const [, , numbers, , path, options] = before.split(' ');
    const [fstype, device, superOptions = ''] = behind.split(' ');
    const mountpoint = withoutRoot(unescapePath(path), rootfs);
    const [major, minor] = numbers.split(':');
    const readonly = [...options.split(','), ...superOptions.split(',')].includes('ro');
    const mount = { device: unescapePath(device), mountpoint, fstype, major, minor, readonly };
    const key = `${mount.device}\n${mountpoint}\n${fstype}`;
    if (!mounts.has(key)) mounts.set(key, mount);
  }
  return [...mounts.values()];
}

/** Blanks, newlines and backslashes stand in octal. The bytes were read as latin1; names are UTF-8. */
function unescapePath(path: string): string {
  const bytes = path.replace(/\\(040|011|012|134)/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function withoutRoot(path: string, rootfs: string): string {
  if (rootfs === '/' || !path.startsWith(rootfs)) return path;
  return path.slice(rootfs.length) || '/';
}

type StatFs = (path: string, callback: (error: NodeJS.ErrnoException | null, stats: StatsFs) => void) => void;

/** Asks a mount for its figures, and leaves alone those that have not answered an earlier question yet. */
export function createAsker(
  { rootfs, filesystem_mount_timeout: timeout }: Pick<NodeConfig, 'rootfs' | 'filesystem_mount_timeout'>,
  askSystem: StatFs = statfs,
): (mount: Mount) => Promise<Answer> {
  const pending = new Set<string>();
  const stuck = new Set<string>();
  return (mount) => {
    const path = rootfs === '/' ? mount.mountpoint : `${rootfs}${mount.mountpoint}`;
    if (pending.has(path) || stuck.size >= MOST_STUCK) return Promise.resolve({ mount, error: STUCK });
    pending.add(path);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        stuck.add(path);
        resolve({ mount, error: STUCK });
      }, timeout);
      askSystem(path, (error, stats) => {
        clearTimeout(timer);
        pending.delete(path);
        stuck.delete(path);
        resolve(error === null ? { mount, stats, error: '' } : { mount, error: words(error) });
      });
    });
  };
}

function words(error: NodeJS.ErrnoException): string {
  const known = getSystemErrorMap().get(error.errno ?? 0);
  return known?.[1] ?? error.message;
}

function writeAnswers(page: PageWriter, answers: readonly Answer[]): void {
  const labelsOf = ({ mount: { device, fstype, mountpoint }, error }: Answer) =>
    labelText({ device, device_error: error, fstype, mountpoint });
  const errors = 'node_filesystem_device_error';
  page.family(errors, 'gauge', 'Whether an error occurred while getting statistics for the given device.');
  for (const answer of answers) page.sample(errors, labelsOf(answer), answer.error === '' ? 0 : 1);
  page.family('node_filesystem_readonly', 'gauge', 'Filesystem read-only status.');
  for (const answer of answers)
    page.sample('node_filesystem_readonly', labelsOf(answer), answer.mount.readonly ? 1 : 0);
  for (const [suffix, help, valueOf] of METRICS) {
    page.family(`node_filesystem_${suffix}`, 'gauge', help);
    for (const answer of answers)
      if (answer.stats !== undefined) page.sample(`node_filesystem_${suffix}`, labelsOf(answer), valueOf(answer.stats));
  }
  page.family('node_filesystem_mount_info', 'gauge', 'Filesystem mount information.');
  for (const { mount, stats } of answers) {
    const { device, major, minor, mountpoint } = mount;
    if (stats !== undefined)
      page.sample('node_filesystem_mount_info', labelText({ device, major, minor, mountpoint }), 1);
  }
}
