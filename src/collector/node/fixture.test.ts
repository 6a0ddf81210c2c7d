import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithShared } from '../../lib/testing/shared.ts';
import { nodeSchema, type SubjectName } from './config.ts';
import { createNodePage } from './index.ts';
import { nameOf, readPage, type ReadPage } from './testing/read-page.ts';
import { unpackTtar } from './testing/ttar.ts';

/** The other `node_network_` families are those of `netdev`. */
const NETCLASS = [
  'up',
  'info',
  'address_assign_type',
  'carrier.*',
  'device_id',
  'dormant',
  'flags',
  'iface_.*',
  'mtu_bytes',
  'name_assign_type',
  'net_dev_group',
  'protocol_type',
  'speed_bytes',
  'transmit_queue_length',
];

/** The families that a subject gives for the fixtures, which is node_exporter's page for the same. */
const FAMILIES: readonly [SubjectName, RegExp][] = [
  ['arp', /^node_arp_/],
  ['bonding', /^node_bonding_/],
  ['conntrack', /^node_nf_conntrack_/],
  ['cpu', /^node_cpu_(seconds_total|guest_seconds_total|core_throttles_total|package_throttles_total|isolated)$/],
  ['cpufreq', /^node_cpu_scaling_/],
  ['diskstats', /^node_disk_/],
  ['dmi', /^node_dmi_/],
  ['edac', /^node_edac_/],
  ['entropy', /^node_entropy_/],
  ['filefd', /^node_filefd_/],
  ['hwmon', /^node_hwmon_/],
  ['kernel_hung', /^node_kernel_hung_/],
  ['loadavg', /^node_load\d+$/],
  ['mdadm', /^node_md_/],
  ['meminfo', /^node_memory_(?!numa_)/],
  ['netclass', new RegExp(`^node_network_(${NETCLASS.join('|')})$`)],
  ['netstat', /^node_netstat_/],
  ['nvme', /^node_nvme_/],
  ['powersupplyclass', /^node_power_supply_/],
  ['pressure', /^node_pressure_/],
  ['processes', /^node_processes_/],
  ['rapl', /^node_rapl_/],
  ['schedstat', /^node_schedstat_/],
  ['sockstat', /^node_sockstat_/],
  ['softirqs', /^node_softirqs_functions_/],
  ['softnet', /^node_softnet_/],
  ['stat', /^node_(intr_total|context_switches_total|forks_total|boot_time_seconds|procs_running|procs_blocked)$/],
  ['thermal_zone', /^node_(thermal_zone|cooling_device)_/],
  ['time', /^node_time_clocksource_/],
  ['udp_queues', /^node_udp_queues$/],
  ['vmstat', /^node_vmstat_/],
  ['watchdog', /^node_watchdog_/],
  ['xfs', /^node_xfs_/],
  ['zfs', /^node_zfs_/],
  ['ipvs', /^node_ipvs_/],
  ['nfs', /^node_nfs_/],
  ['nfsd', /^node_nfsd_/],
  ['buddyinfo', /^node_buddyinfo_/],
  ['cgroups', /^node_cgroups_/],
  ['interrupts', /^node_interrupts_/],
  ['ksmd', /^node_ksmd_/],
  ['meminfo_numa', /^node_memory_numa_/],
  ['slabinfo', /^node_slabinfo_/],
];

/** Cases in which the page is another on purpose. */
const OTHERWISE = {
  glob_extra_dimension: 'the setting names one folder and no pattern',
  metrics_merge_different_help: 'a second HELP text costs no samples',
  summary_extra_dimension: 'node_exporter adds a sum and a count of 0 that no file holds',
};

describeWithShared('conformance/node_exporter', 'the page for the fixtures of node_exporter', (fixtures) => {
  let folder: string;
  let expected: ReadPage;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'crowsnest-node-'));
    for (const archive of ['sys', 'udev']) unpackTtar(readFileSync(`${fixtures}/${archive}.ttar`, 'utf8'), folder);
    expected = readPage(readFileSync(`${fixtures}/expected.txt`, 'utf8'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function read(subjects: SubjectName[], settings: Record<string, string> = {}): Promise<ReadPage> {
    const config = nodeSchema.parse({
      subjects,
      procfs: `${fixtures}/proc`,
      sysfs: `${folder}/sys`,
      udev_data: `${folder}/udev/data`,
      arp_device_exclude: '^nope$',
      hwmon_chip_exclude: '^bogus$',
      netclass_ignored_devices: '^(dmz|int)$',
      netclass_ignore_invalid_speed: true,
      slabinfo_slabs_include: '^(dmaengine-unmap-128|kmalloc-8192|kmem_cache|tw_sock_TCP)$',
      ...settings,
    });
    // Where its own tests have the tree stands in a label of rapl.
    return readPage((await createNodePage(config)()).toString().replaceAll(`${folder}/`, 'collector/fixtures/'));
  }

  test.each(FAMILIES)('%s: the same series, values, help and types', async (subject, families) => {
    const page = await read([subject]);
    const wanted = [...expected.samples].filter(([series]) => families.test(nameOf(series)));
    expect(wanted.length).toBeGreaterThan(0);
    const given = new Map([...page.samples].filter(([series]) => families.test(nameOf(series))));
    expect([...given.keys()].sort()).toEqual(wanted.map(([series]) => series).sort());
    for (const [series, value] of wanted) expect(given.get(series), series).toBeCloseTo(value, 6);
    for (const name of new Set(wanted.map(([series]) => nameOf(series)))) {
      expect(page.families.get(`HELP ${name}`)).toBe(expected.families.get(`HELP ${name}`));
      expect(page.families.get(`TYPE ${name}`)).toBe(expected.families.get(`TYPE ${name}`));
    }
    expect(page.samples.get(`node_scrape_collector_success{collector="${subject}"}`)).toBe(1);
  });

  const cases = readdirSync(`${fixtures}/textfile`)
    .filter((file) => file.endsWith('.out') && !(file.slice(0, -4) in OTHERWISE))
    .map((file) => file.slice(0, -4));
  test.each(cases)('textfile: the case %s', async (name) => {
    const page = await read(['textfile'], { textfile_directory: `${fixtures}/textfile/${name}` });
    const wanted = readPage(readFileSync(`${fixtures}/textfile/${name}.out`, 'utf8'));
    const fixed = (samples: ReadonlyMap<string, number>) =>
      Object.fromEntries([...samples].filter(([series]) => !/^node_(textfile_mtime|scrape_collector)_/.test(series)));
    expect(fixed(page.samples)).toEqual(fixed(wanted.samples));
  });
});
