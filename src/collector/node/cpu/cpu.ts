import { readdirSync } from 'node:fs';
import type { PageWriter } from '../page-writer.ts';
import { linesOf, readProc, tryReadProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** /proc/stat counts in ticks of the user-space clock, which is 100 Hz on every platform of Linux. */
const TICKS_PER_SECOND = 100;
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const IDLE = 3;
const GUEST = 8;
/** Idle time may run back a little by itself; more than this (seconds) means the CPU was taken out and came again. */
const IDLE_RESET = 3;

/** /proc/stat by CPU; throttling and isolation from /sys/devices/system/cpu. */
export const cpu: CreateSubject = ({ procfs, sysfs }) => {
  const last = new Map<string, number[]>();
  const root = `${sysfs}/devices/system/cpu`;
  return (page) => {
    const cpus = linesOf(readProc(`${procfs}/stat`))
      .filter((line) => /^cpu\d/.test(line))
      .map((line) => {
        const [name, ...ticks] = wordsIn(line);
        const number = name.slice('cpu'.length);
        const seconds = forward(
          last.get(number),
          ticks.map((tick) => Number(tick) / TICKS_PER_SECOND),
        );
        last.set(number, seconds);
        return { number, seconds };
      });
    page.family('node_cpu_seconds_total', 'counter', 'Seconds the CPUs spent in each mode.');
    for (const { number, seconds } of cpus)
      MODES.forEach((mode, i) =>
        page.sample('node_cpu_seconds_total', `cpu="${number}",mode="${mode}"`, seconds[i] ?? 0),
      );
    page.family('node_cpu_guest_seconds_total', 'counter', 'Seconds the CPUs spent in guests (VMs) for each mode.');
    for (const { number, seconds } of cpus) {
      page.sample('node_cpu_guest_seconds_total', `cpu="${number}",mode="user"`, seconds[GUEST] ?? 0);
      page.sample('node_cpu_guest_seconds_total', `cpu="${number}",mode="nice"`, seconds[GUEST + 1] ?? 0);
    }
    writeThrottles(page, root);
    writeIsolated(page, root);
  };
};

/** The kernel lets these counters run back at times; a counter that does would look like a restart to every `rate`. */
function forward(last: readonly number[] | undefined, now: number[]): number[] {
  if (last === undefined || last[IDLE] - now[IDLE] >= IDLE_RESET) return now;
  return now.map((value, i) => Math.max(value, last[i] ?? 0));
}

function writeThrottles(page: PageWriter, root: string): void {
  const cores = new Map<string, string>();
  const packages = new Map<string, string>();
  for (const name of cpuFolders(root)) {
    const inPackage = tryReadProc(`${root}/${name}/topology/physical_package_id`)?.trim();
    const core = tryReadProc(`${root}/${name}/topology/core_id`)?.trim();
    if (inPackage === undefined) continue;
    const ofCore = tryReadProc(`${root}/${name}/thermal_throttle/core_throttle_count`)?.trim();
    const ofPackage = tryReadProc(`${root}/${name}/thermal_throttle/package_throttle_count`)?.trim();
    const coreLabels = `core="${core}",package="${inPackage}"`;
    if (core !== undefined && ofCore !== undefined && !cores.has(coreLabels)) cores.set(coreLabels, ofCore);
    if (ofPackage !== undefined && !packages.has(inPackage)) packages.set(inPackage, ofPackage);
  }
  if (cores.size > 0)
    page.family('node_cpu_core_throttles_total', 'counter', 'Number of times this CPU core has been throttled.');
  for (const [labels, count] of cores) page.sample('node_cpu_core_throttles_total', labels, Number(count));
  if (packages.size > 0)
    page.family('node_cpu_package_throttles_total', 'counter', 'Number of times this CPU package has been throttled.');
  for (const [id, count] of packages) page.sample('node_cpu_package_throttles_total', `package="${id}"`, Number(count));
}

function cpuFolders(root: string): string[] {
  try {
    return readdirSync(root).filter((name) => /^cpu\d+$/.test(name));
  } catch {
    return [];
  }
}

function writeIsolated(page: PageWriter, root: string): void {
  const isolated = cpusOf(tryReadProc(`${root}/isolated`)?.trim() ?? '');
  if (isolated.length === 0) return;
  page.family(
    'node_cpu_isolated',
    'gauge',
    'Whether each core is isolated, information from /sys/devices/system/cpu/isolated.',
  );
  for (const number of isolated) page.sample('node_cpu_isolated', `cpu="${number}"`, 1);
}

/** `1,3-5,9` is 1, 3, 4, 5, 9. */
function cpusOf(list: string): number[] {
  if (list === '') return [];
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
