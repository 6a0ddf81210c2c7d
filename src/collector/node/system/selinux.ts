import { existsSync } from 'node:fs';
import { tryReadNumber, tryReadProc } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** SELinux: on or off, and if on, whether it refuses or only reports: now, and by its configuration. */
export const selinux: CreateSubject = ({ sysfs, rootfs }) => {
  return (page) => {
    const gauge = (name: string, help: string, value: number) => {
      page.family(name, 'gauge', help);
      page.sample(name, '', value);
    };
    const isOn = existsSync(`${sysfs}/fs/selinux/enforce`);
    gauge('node_selinux_enabled', 'SELinux is enabled, 1 is true, 0 is false', isOn ? 1 : 0);
    if (!isOn) return;
    const mode = /^\s*SELINUX=(\w+)/m.exec(tryReadProc(`${rootfs}/etc/selinux/config`) ?? '')?.[1];
    gauge('node_selinux_config_mode', 'Configured SELinux enforcement mode', modeNumber(mode));
    gauge('node_selinux_current_mode', 'Current SELinux enforcement mode', tryReadNumber(`${sysfs}/fs/selinux/enforce`) ?? 0); // prettier-ignore
  };
};

function modeNumber(mode: string | undefined): number {
  return mode === 'enforcing' ? 1 : mode === 'permissive' ? 0 : -1;
}
