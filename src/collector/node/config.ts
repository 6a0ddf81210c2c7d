import { duration, z } from '../../lib/schema/schema.ts';
import { compileSearch } from '../regex.ts';

/** On by default, as they are in node_exporter. */
const DEFAULT_SUBJECTS = [
  'arp',
  'bonding',
  'conntrack',
  'cpu',
  'cpufreq',
  'diskstats',
  'dmi',
  'edac',
  'entropy',
  'filefd',
  'filesystem',
  'hwmon',
  'ipvs',
  'kernel_hung',
  'loadavg',
  'mdadm',
  'meminfo',
  'netclass',
  'netdev',
  'netstat',
  'nfs',
  'nfsd',
  'nvme',
  'os',
  'powersupplyclass',
  'pressure',
  'rapl',
  'schedstat',
  'selinux',
  'sockstat',
  'softnet',
  'stat',
  'textfile',
  'thermal_zone',
  'time',
  'udp_queues',
  'uname',
  'vmstat',
  'watchdog',
  'xfs',
  'zfs',
] as const;

const OTHER_SUBJECTS = [
  'buddyinfo',
  'cgroups',
  'interrupts',
  'ksmd',
  'meminfo_numa',
  'processes',
  'slabinfo',
  'softirqs',
] as const;

const SUBJECTS = [...DEFAULT_SUBJECTS, ...OTHER_SUBJECTS] as const;

export type SubjectName = (typeof SUBJECTS)[number];

function pattern() {
  return z.string().superRefine((text, context) => {
    try {
      compileSearch(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: `expected a regular expression (RE2): ${(error as Error).message}` });
    }
  });
}

/** Patterns are RE2 and match anywhere in the text, as node_exporter's flags do; its defaults are ours. */
export const nodeSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Read `node_*` metrics from /proc and /sys.'),
  job: z.string().default('node-exporter').describe('Label `job` of these series.'),
  scrape_interval: duration().optional().describe('Time from reading to reading; default `collect.scrape_interval`.'),
  subjects: z
    .array(z.enum(SUBJECTS))
    .default([...DEFAULT_SUBJECTS])
    .describe(
      `What is read, in the words of node_exporter; off by default are ${OTHER_SUBJECTS.map((name) => `\`${name}\``).join(', ')}.`,
    ),
  procfs: z.string().default('/proc').describe('Where the host has its /proc.'),
  sysfs: z.string().default('/sys').describe('Where the host has its /sys.'),
  rootfs: z.string().default('/').describe('Where the root of the host is mounted.'),
  udev_data: z.string().default('/run/udev/data').describe('Where udev keeps what it knows of devices.'),
  textfile_directory: z.string().optional().describe('Folder of `*.prom` files that are added to the page.'),
  arp_device_exclude: pattern().default('').describe('Network devices whose neighbours are not counted; empty: none.'),
  diskstats_device_exclude: pattern()
    .default('^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$')
    .describe('Block devices that are left out.'),
  filesystem_mount_points_exclude: pattern()
    .default('^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)')
    .describe('Mount points that are left out.'),
  filesystem_fs_types_exclude: pattern()
    .default(
      '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$',
    )
    .describe('Types of file systems that are left out.'),
  filesystem_mount_timeout: duration('5s').describe('How long a mount may take to answer before it counts as stuck.'),
  hwmon_chip_exclude: pattern().default('').describe('Sensor chips that are left out; empty: none.'),
  netclass_ignored_devices: pattern().default('^$').describe('Network devices of which no properties are read.'),
  netclass_ignore_invalid_speed: z
    .boolean()
    .default(false)
    .describe('Leave out the speed of devices that do not know it; else it is -125000 bytes, as in node_exporter.'),
  netstat_fields: pattern()
    .default(
      '^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$',
    )
    .describe('Fields of /proc/net/netstat, snmp and snmp6 that are read, as `Protocol_Field`.'),
  powersupply_ignored_supplies: pattern().default('^$').describe('Power supplies that are left out.'),
  slabinfo_slabs_include: pattern().default('.*').describe('Caches of the kernel that are read.'),
  netdev_device_exclude: pattern().default('').describe('Network devices that are left out; empty: none.'),
  vmstat_fields: pattern()
    .default('^(oom_kill|pgpg|pswp|pg.*fault).*')
    .describe('Fields of /proc/vmstat that are read.'),
});

export type NodeConfig = z.infer<typeof nodeSchema>;
