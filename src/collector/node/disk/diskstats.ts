import { compileSearch } from '../../regex.ts';
import { labelText, type PageWriter } from '../page-writer.ts';
import { linesOf, readProc, tryReadProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const SECTOR_BYTES = 512;
const MS = 1 / 1000;

/** The columns of /proc/diskstats behind the name; older kernels have only the first 11 or 15 of them. */
const COLUMNS = [
  ['reads_completed_total', 1, 'The total number of reads completed successfully.'],
  ['reads_merged_total', 1, 'The total number of reads merged.'],
  ['read_bytes_total', SECTOR_BYTES, 'The total number of bytes read successfully.'],
  ['read_time_seconds_total', MS, 'The total number of seconds spent by all reads.'],
  ['writes_completed_total', 1, 'The total number of writes completed successfully.'],
  ['writes_merged_total', 1, 'The number of writes merged.'],
  ['written_bytes_total', SECTOR_BYTES, 'The total number of bytes written successfully.'],
  ['write_time_seconds_total', MS, 'This is the total number of seconds spent by all writes.'],
  ['io_now', 1, 'The number of I/Os currently in progress.'],
  ['io_time_seconds_total', MS, 'Total seconds spent doing I/Os.'],
  ['io_time_weighted_seconds_total', MS, 'The weighted # of seconds spent doing I/Os.'],
  ['discards_completed_total', 1, 'The total number of discards completed successfully.'],
  ['discards_merged_total', 1, 'The total number of discards merged.'],
  ['discarded_sectors_total', 1, 'The total number of sectors discarded successfully.'],
  ['discard_time_seconds_total', MS, 'This is the total number of seconds spent by all discards.'],
  ['flush_requests_total', 1, 'The total number of flush requests completed successfully'],
  ['flush_requests_time_seconds_total', MS, 'This is the total number of seconds spent by all flush requests.'],
] as const;

const ATA = [
  ['ID_ATA_WRITE_CACHE', 'node_disk_ata_write_cache', 'ATA disk has a write cache.'],
  ['ID_ATA_WRITE_CACHE_ENABLED', 'node_disk_ata_write_cache_enabled', 'ATA disk has its write cache enabled.'],
  ['ID_ATA_ROTATION_RATE_RPM', 'node_disk_ata_rotation_rate_rpm', 'ATA disk rotation rate in RPMs (0 for SSDs).'],
] as const;

interface Disk {
  readonly device: string;
  readonly major: string;
  readonly minor: string;
  readonly values: readonly number[];
  /** What udev knows of it, by key. */
  readonly udev: ReadonlyMap<string, string>;
  readonly rotational: string;
}

/** /proc/diskstats, with what /sys and udev know about the devices. */
export const diskstats: CreateSubject = ({ procfs, sysfs, udev_data: udev, diskstats_device_exclude: exclude }) => {
  const isExcluded = compileSearch(exclude);
  return (page) => {
    const disks = linesOf(readProc(`${procfs}/diskstats`)).flatMap((line): Disk[] => {
      const [major, minor, device, ...rest] = wordsIn(line);
      if (isExcluded(device)) return [];
      const rotational = tryReadProc(`${sysfs}/block/${device.replaceAll('/', '!')}/queue/rotational`)?.trim() ?? '0';
      return [{ device, major, minor, values: rest.map(Number), udev: readUdev(udev, major, minor), rotational }];
    });
    COLUMNS.forEach(([suffix, unit, help], i) => {
      const name = `node_disk_${suffix}`;
      page.family(name, suffix === 'io_now' ? 'gauge' : 'counter', help);
      for (const { device, values } of disks)
        if (i < values.length)
          page.sample(name, labelText({ device }), unit === MS ? values[i] / 1000 : values[i] * unit);
    });
    writeInfos(page, disks);
    writeAta(page, disks);
  };
};

function writeInfos(page: PageWriter, disks: readonly Disk[]): void {
  page.family('node_disk_info', 'gauge', 'Info of /sys/block/<block_device>.');
  for (const { device, major, minor, udev, rotational } of disks) {
    const serial =
      ['SCSI_IDENT_SERIAL', 'ID_SERIAL_SHORT', 'ID_SERIAL'].map((key) => get(udev, key)).find(Boolean) ?? '';
    const labels = {
      device,
      major,
      minor,
      path: get(udev, 'ID_PATH'),
      model: get(udev, 'ID_MODEL'),
      serial,
      wwn: get(udev, 'ID_WWN'),
      revision: get(udev, 'ID_REVISION'),
      rotational,
    };
    page.sample('node_disk_info', labelText(labels), 1);
  }
  writeInfo(page, disks, 'node_disk_filesystem_info', 'Info about disk filesystem.', 'ID_FS_TYPE', {
    type: 'ID_FS_TYPE',
    usage: 'ID_FS_USAGE',
    uuid: 'ID_FS_UUID',
    version: 'ID_FS_VERSION',
  });
  writeInfo(page, disks, 'node_disk_device_mapper_info', 'Info about disk device mapper.', 'DM_NAME', {
    name: 'DM_NAME',
    uuid: 'DM_UUID',
    vg_name: 'DM_VG_NAME',
    lv_name: 'DM_LV_NAME',
    lv_layer: 'DM_LV_LAYER',
  });
}

/** An info metric for the disks of which udev knows `needed`; `keys` by label. */
function writeInfo(
  page: PageWriter,
  disks: readonly Disk[],
  name: string,
  help: string,
  needed: string,
  keys: Readonly<Record<string, string>>,
): void {
  page.family(name, 'gauge', help);
  for (const { device, udev } of disks) {
    if (get(udev, needed) === '') continue;
    const labels = Object.fromEntries(Object.entries(keys).map(([label, key]) => [label, get(udev, key)]));
    page.sample(name, labelText({ device, ...labels }), 1);
  }
}

function writeAta(page: PageWriter, disks: readonly Disk[]): void {
  for (const [key, name, help] of ATA) {
    page.family(name, 'gauge', help);
    for (const { device, udev } of disks) {
      const value = udev.get(key);
      if (get(udev, 'ID_ATA') !== '' && value !== undefined) page.sample(name, labelText({ device }), Number(value));
    }
  }
}

function get(udev: ReadonlyMap<string, string>, key: string): string {
  return udev.get(key) ?? '';
}

/** Lines `E:KEY=VALUE` of udev's file for the device; nothing where udev does not run. */
function readUdev(root: string, major: string, minor: string): Map<string, string> {
  const text = tryReadProc(`${root}/b${major}:${minor}`) ?? '';
  return new Map(
    linesOf(text)
      .filter((line) => line.startsWith('E:') && line.includes('='))
      .map((line) => [line.slice(2, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
