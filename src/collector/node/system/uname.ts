import { machine } from 'node:os';
import { labelText } from '../page-writer.ts';
import { readProc } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** What uname(2) says, from /proc/sys/kernel. */
export const uname: CreateSubject = ({ procfs }) => {
  return (page) => {
    const read = (file: string) => readProc(`${procfs}/sys/kernel/${file}`).trim();
    page.family('node_uname_info', 'gauge', 'Labeled system information as provided by the uname system call.');
    const labels = {
      domainname: read('domainname'),
      machine: machine(),
      nodename: read('hostname'),
      release: read('osrelease'),
      sysname: read('ostype'),
      version: read('version'),
    };
    page.sample('node_uname_info', labelText(labels), 1);
  };
};
