import { labelText } from '../page-writer.ts';
import { linesOf, tryReadProc } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const FILES = ['etc/os-release', 'usr/lib/os-release'];

const INFO = [
  'BUILD_ID',
  'ID',
  'ID_LIKE',
  'IMAGE_ID',
  'IMAGE_VERSION',
  'NAME',
  'PRETTY_NAME',
  'VARIANT',
  'VARIANT_ID',
  'VERSION',
  'VERSION_CODENAME',
  'VERSION_ID',
] as const;

/** /etc/os-release: which distribution, and until when it is supported where the file says so. */
export const os: CreateSubject = ({ rootfs }) => {
  return (page) => {
    const text = FILES.map((file) => tryReadProc(`${rootfs}/${file}`)).find((found) => found !== undefined);
    if (text === undefined) throw new Error(`${rootfs}: neither ${FILES.join(' nor ')}`);
    const values = readAssignments(Buffer.from(text, 'latin1').toString('utf8'));
    const names = INFO.map((key) => key.toLowerCase());
    page.family('node_os_info', 'gauge', `A metric with a constant '1' value labeled by ${names.join(', ')}.`);
    page.sample('node_os_info', labelText(Object.fromEntries(INFO.map((key) => [key.toLowerCase(), values.get(key) ?? '']))), 1); // prettier-ignore
    const version = /^\d+(?:\.\d+)?/.exec(values.get('VERSION_ID') ?? '')?.[0];
    if (version !== undefined) {
      const labels = {
        id: values.get('ID') ?? '',
        id_like: values.get('ID_LIKE') ?? '',
        name: values.get('NAME') ?? '',
      };
      page.family('node_os_version', 'gauge', 'Metric containing the major.minor part of the OS version.');
      page.sample('node_os_version', labelText(labels), Number(version));
    }
    const end = Date.parse(values.get('SUPPORT_END') ?? '');
    if (Number.isNaN(end)) return;
    page.family('node_os_support_end_timestamp_seconds', 'gauge', 'Metric containing the end-of-life date timestamp of the OS.'); // prettier-ignore
    page.sample('node_os_support_end_timestamp_seconds', '', end / 1000);
  };
};

/** `NAME="value"`, as a shell reads it. */
function readAssignments(text: string): Map<string, string> {
  return new Map(
    linesOf(text).flatMap((line): [string, string][] => {
      const match = /^([A-Z_0-9]+)=(.*)$/.exec(line.trim());
      if (match === null) return [];
      const quoted = /^(["'])(.*)\1$/.exec(match[2]);
      return [[match[1], (quoted?.[2] ?? match[2]).replace(/\\(["'$`\\])/g, '$1')]];
    }),
  );
}
