import { compileSearch } from '../../regex.ts';
import { linesOf, readProc, tryReadProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** Counters of IP, TCP, UDP and ICMP from /proc/net/netstat, snmp and snmp6. */
export const netstat: CreateSubject = ({ procfs, netstat_fields: fields }) => {
  const isWanted = compileSearch(fields);
  return (page) => {
    const stats = [
      ...inTwoLines(readProc(`${procfs}/net/netstat`)),
      ...inTwoLines(readProc(`${procfs}/net/snmp`)),
      ...inOneLine(tryReadProc(`${procfs}/net/snmp6`) ?? ''),
    ];
    for (const [protocol, field, value] of stats) {
      if (!isWanted(`${protocol}_${field}`)) continue;
      page.family(`node_netstat_${protocol}_${field}`, 'untyped', `Statistic ${protocol}${field}.`);
      page.sample(`node_netstat_${protocol}_${field}`, '', value);
    }
  };
};

type Stat = readonly [protocol: string, field: string, value: number];

/** `Tcp: InSegs OutSegs` above `Tcp: 17 18`. */
function inTwoLines(text: string): Stat[] {
  const lines = linesOf(text).map(wordsIn);
  return lines.flatMap(([head, ...names], i) => {
    const values = lines[i + 1];
    if (i % 2 === 1 || values === undefined) return [];
    return names.map((name, column): Stat => [head.slice(0, -1), name, Number(values[column + 1])]);
  });
}

/** `Udp6InDatagrams 17`; the `6` ends the protocol. */
function inOneLine(text: string): Stat[] {
  return linesOf(text).flatMap((line) => {
    const [name, value] = wordsIn(line);
    const end = name.indexOf('6') + 1;
    return end === 0 ? [] : [[name.slice(0, end), name.slice(end), Number(value)] as const];
  });
}
