import { readdirSync } from 'node:fs';
import { labelText, type PageWriter } from '../page-writer.ts';
import { tryReadProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** The clock of the system, its zone, and the clock sources in /sys/devices/system/clocksource. */
export const time: CreateSubject = ({ sysfs }) => {
  return (page) => {
    const now = new Date();
    page.family('node_time_seconds', 'gauge', 'System time in seconds since epoch (1970).');
    page.sample('node_time_seconds', '', now.getTime() / 1000);
    page.family('node_time_zone_offset_seconds', 'gauge', 'System time zone offset in seconds.');
    page.sample(
      'node_time_zone_offset_seconds',
      labelText({ time_zone: zoneName(now) }),
      // Zero less the offset, as minus zero would be another number.
      0 - now.getTimezoneOffset() * 60,
    );
    writeSources(page, `${sysfs}/devices/system/clocksource`);
  };
};

function zoneName(now: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(now);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

function writeSources(page: PageWriter, root: string): void {
  const sources = folders(root).map((folder) => ({
    device: folder.slice('clocksource'.length),
    available: wordsIn(tryReadProc(`${root}/${folder}/available_clocksource`) ?? ''),
    current: wordsIn(tryReadProc(`${root}/${folder}/current_clocksource`) ?? ''),
  }));
  writeInfo('available', "Available clocksources read from '/sys/devices/system/clocksource'.");
  writeInfo('current', "Current clocksource read from '/sys/devices/system/clocksource'.");

  function writeInfo(kind: 'available' | 'current', help: string): void {
    const name = `node_time_clocksource_${kind}_info`;
    page.family(name, 'gauge', help);
    for (const source of sources) {
      for (const clocksource of source[kind].filter((word) => word !== ''))
        page.sample(name, labelText({ clocksource, device: source.device }), 1);
    }
  }
}

function folders(root: string): string[] {
  try {
    return readdirSync(root).filter((name) => /^clocksource\d+$/.test(name));
  } catch {
    return [];
  }
}
