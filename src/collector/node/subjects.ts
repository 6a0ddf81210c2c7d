import type { SubjectName } from './config.ts';
import type { CreateSubject } from './subject.ts';
import { arp } from './network/arp.ts';
import { bonding } from './network/bonding.ts';
import { buddyinfo } from './memory/buddyinfo.ts';
import { cgroups } from './system/cgroups.ts';
import { conntrack } from './network/conntrack.ts';
import { cpu } from './cpu/cpu.ts';
import { cpufreq } from './cpu/cpufreq.ts';
import { diskstats } from './disk/diskstats.ts';
import { dmi } from './hardware/dmi.ts';
import { edac } from './hardware/edac.ts';
import { entropy } from './system/entropy.ts';
import { filefd } from './system/filefd.ts';
import { filesystem } from './disk/filesystem.ts';
import { hungTask } from './system/hung-task.ts';
import { hwmon } from './hardware/hwmon.ts';
import { interrupts } from './cpu/interrupts.ts';
import { ipvs } from './network/ipvs.ts';
import { ksmd } from './memory/ksmd.ts';
import { loadavg } from './cpu/loadavg.ts';
import { mdadm } from './disk/mdadm.ts';
import { meminfo } from './memory/meminfo.ts';
import { meminfoNuma } from './memory/meminfo-numa.ts';
import { netclass } from './network/netclass.ts';
import { netdev } from './network/netdev.ts';
import { netstat } from './network/netstat.ts';
import { nfs, nfsd } from './disk/nfs.ts';
import { nvme } from './disk/nvme.ts';
import { os } from './system/os-release.ts';
import { powersupplyclass } from './hardware/power-supply.ts';
import { pressure } from './cpu/pressure.ts';
import { processes } from './cpu/processes.ts';
import { rapl } from './hardware/rapl.ts';
import { schedstat } from './cpu/schedstat.ts';
import { selinux } from './system/selinux.ts';
import { slabinfo } from './memory/slabinfo.ts';
import { sockstat } from './network/sockstat.ts';
import { softirqs } from './cpu/softirqs.ts';
import { softnet } from './network/softnet.ts';
import { stat } from './cpu/stat.ts';
import { textfile } from './system/textfile.ts';
import { thermalZone } from './hardware/thermal-zone.ts';
import { time } from './system/time.ts';
import { udpQueues } from './network/udp-queues.ts';
import { uname } from './system/uname.ts';
import { vmstat } from './memory/vmstat.ts';
import { watchdog } from './hardware/watchdog.ts';
import { xfs } from './disk/xfs.ts';
import { zfs } from './disk/zfs.ts';

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
