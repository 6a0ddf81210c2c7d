import type { SubjectName } from './config.ts';
import { cpu } from './cpu.ts';
import { diskstats } from './diskstats.ts';
import { filesystem } from './filesystem.ts';
import { loadavg } from './loadavg.ts';
import { meminfo } from './meminfo.ts';
import { netdev } from './netdev.ts';
import { pressure } from './pressure.ts';
import { stat } from './stat.ts';
import type { CreateSubject } from './subject.ts';
import { textfile } from './textfile.ts';
import { time } from './time.ts';
import { uname } from './uname.ts';
import { vmstat } from './vmstat.ts';

/** Everything that is read of the machine, by the name node_exporter has for it. */
export const subjects: Readonly<Record<SubjectName, CreateSubject>> = {
  cpu,
  diskstats,
  filesystem,
  loadavg,
  meminfo,
  netdev,
  pressure,
  stat,
  textfile,
  time,
  uname,
  vmstat,
};
