import type { SubjectName } from './config.ts';
import type { CreateSubject } from './subject.ts';
import { arp } from './arp.ts';
import { bonding } from './bonding.ts';
import { buddyinfo } from './buddyinfo.ts';
import { cgroups } from './cgroups.ts';
import { conntrack } from './conntrack.ts';
import { cpu } from './cpu.ts';
import { cpufreq } from './cpufreq.ts';
import { diskstats } from './diskstats.ts';
import { dmi } from './dmi.ts';
import { edac } from './edac.ts';
import { entropy } from './entropy.ts';
import { filefd } from './filefd.ts';
import { filesystem } from './filesystem.ts';
import { hungTask } from './hung-task.ts';
import { hwmon } from './hwmon.ts';
import { interrupts } from './interrupts.ts';
import { ipvs } from './ipvs.ts';
import { ksmd } from './ksmd.ts';
import { loadavg } from './loadavg.ts';
import { mdadm } from './mdadm.ts';
import { meminfo } from './meminfo.ts';
import { meminfoNuma } from './meminfo-numa.ts';
import { netclass } from './netclass.ts';
import { netdev } from './netdev.ts';
import { netstat } from './netstat.ts';
import { nfs, nfsd } from './nfs.ts';
import { nvme } from './nvme.ts';
import { os } from './os-release.ts';
import { powersupplyclass } from './power-supply.ts';
import { pressure } from './pressure.ts';
import { processes } from './processes.ts';
import { rapl } from './rapl.ts';
import { schedstat } from './schedstat.ts';
import { selinux } from './selinux.ts';
import { slabinfo } from './slabinfo.ts';
import { sockstat } from './sockstat.ts';
import { softirqs } from './softirqs.ts';
import { softnet } from './softnet.ts';
import { stat } from './stat.ts';
import { textfile } from './textfile.ts';
import { thermalZone } from './thermal-zone.ts';
import { time } from './time.ts';
import { udpQueues } from './udp-queues.ts';
import { uname } from './uname.ts';
import { vmstat } from './vmstat.ts';
import { watchdog } from './watchdog.ts';
import { xfs } from './xfs.ts';
import { zfs } from './zfs.ts';

/** Everything that is read of the machine, by the name node_exporter has for it. */
export const subjects: Readonly<Record<SubjectName, CreateSubject>> = {
  arp,
  bonding,
  buddyinfo,
  cgroups,
  conntrack,
  cpu,
  cpufreq,
  diskstats,
  dmi,
  edac,
  entropy,
  filefd,
  filesystem,
  hwmon,
  interrupts,
  ipvs,
  kernel_hung: hungTask,
  ksmd,
  loadavg,
  mdadm,
  meminfo,
  meminfo_numa: meminfoNuma,
  netclass,
  netdev,
  netstat,
  nfs,
  nfsd,
  nvme,
  os,
  powersupplyclass,
  pressure,
  processes,
  rapl,
  schedstat,
  selinux,
  slabinfo,
  sockstat,
  softirqs,
  softnet,
  stat,
  textfile,
  thermal_zone: thermalZone,
  time,
  udp_queues: udpQueues,
  uname,
  vmstat,
  watchdog,
  xfs,
  zfs,
};
