import { FamilySet } from '../family-set.ts';
import { linesOf, readProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

/** Procedures of each version, in the order of the file's columns (source: RFC 1094 and 1813; of version 4 the order that node_exporter goes by). */
const V2 = 'Null GetAttr SetAttr Root Lookup ReadLink Read WrCache Write Create Remove Rename Link SymLink MkDir RmDir ReadDir FsStat'; // prettier-ignore
const V3 = 'Null GetAttr SetAttr Lookup Access ReadLink Read Write Create MkDir SymLink MkNod Remove RmDir Rename Link ReadDir ReadDirPlus FsStat FsInfo PathConf Commit'; // prettier-ignore
const CLIENT_V4 = 'Null Read Write Commit Open OpenConfirm OpenNoattr OpenDowngrade Close Setattr FsInfo Renew SetClientID SetClientIDConfirm Lock Lockt Locku Access Getattr Lookup LookupRoot Remove Rename Link Symlink Create Pathconf StatFs ReadLink ReadDir ServerCaps DelegReturn GetACL SetACL FsLocations ReleaseLockowner Secinfo FsidPresent ExchangeID CreateSession DestroySession Sequence GetLeaseTime ReclaimComplete GetDeviceInfo LayoutGet LayoutCommit LayoutReturn SecinfoNoName TestStateID FreeStateID GetDeviceList BindConnToSession DestroyClientID Seek Allocate DeAllocate LayoutStats Clone'; // prettier-ignore
/** The first three codes of version 4 have no meaning. */
const SERVER_V4 = '- - - Access Close Commit Create DelegPurge DelegReturn GetAttr GetFH Link Lock Lockt Locku Lookup LookupRoot Nverify Open OpenAttr OpenConfirm OpenDgrd PutFH - - Read ReadDir ReadLink Remove Rename Renew RestoreFH SaveFH SecInfo SetAttr SetClientID SetClientIDConfirm Verify Write RelLockOwner'; // prettier-ignore

/** /proc/net/rpc/nfs: what this machine asks of NFS servers. */
export const nfs: CreateSubject = ({ procfs }) => {
  return (page) => {
    const lines = readRpc(`${procfs}/net/rpc/nfs`);
    const families = new FamilySet();
    const counter = (name: string, help: string, value: number | undefined) =>
      families.counter(`node_nfs_${name}`, help, {}, value);
    const [, udp, tcp, connections] = lines.get('net') ?? [];
    for (const [protocol, value] of Object.entries({ udp, tcp }))
      families.counter('node_nfs_packets_total', 'Total NFSd network packets (sent+received) by protocol type.', { protocol }, value); // prettier-ignore
    counter('connections_total', 'Total number of NFSd TCP connections.', connections);
    const [calls, retransmissions, refreshes] = lines.get('rpc') ?? [];
    counter('rpcs_total', 'Total number of RPCs performed.', calls);
    counter('rpc_retransmissions_total', 'Number of RPC transmissions performed.', retransmissions);
    counter('rpc_authentication_refreshes_total', 'Number of RPC authentication refreshes performed.', refreshes);
    const help = 'Number of NFS procedures invoked.';
    for (const [proto, names] of Object.entries({ 2: V2, 3: V3, 4: CLIENT_V4 }))
      writeRequests(families, 'node_nfs_requests_total', help, proto, names, lines.get(`proc${proto}`));
    families.writeTo(page);
  };
};

/** /proc/net/rpc/nfsd: what this machine serves by NFS. */
export const nfsd: CreateSubject = ({ procfs }) => {
  return (page) => {
    const lines = readRpc(`${procfs}/net/rpc/nfsd`);
    const families = new FamilySet();
    const add = (type: 'counter' | 'gauge', name: string, help: string, value: number | undefined) =>
      families.add(`node_nfsd_${name}`, type, help, {}, value);
    const line = (name: string): readonly (number | undefined)[] => lines.get(name) ?? [];
    const [hits, misses, nocache] = line('rc');
    add('counter', 'reply_cache_hits_total', 'Total number of NFSd Reply Cache hits (client lost server response).', hits); // prettier-ignore
    add('counter', 'reply_cache_misses_total', 'Total number of NFSd Reply Cache an operation that requires caching (idempotent).', misses); // prettier-ignore
    add('counter', 'reply_cache_nocache_total', 'Total number of NFSd Reply Cache non-idempotent operations (rename/delete/…).', nocache); // prettier-ignore
    add('counter', 'file_handles_stale_total', 'Total number of NFSd stale file handles', line('fh')[0]);
    const [read, written] = line('io');
    add('counter', 'disk_bytes_read_total', 'Total NFSd bytes read.', read);
    add('counter', 'disk_bytes_written_total', 'Total NFSd bytes written.', written);
    add('gauge', 'server_threads', 'Total number of NFSd kernel threads that are running.', line('th')[0]);
    add('gauge', 'read_ahead_cache_size_blocks', 'How large the read ahead cache is in blocks.', line('ra')[0]);
    add('counter', 'read_ahead_cache_not_found_total', 'Total number of NFSd read ahead cache not found.', line('ra').at(-1)); // prettier-ignore
    const [, udp, tcp, connections] = line('net');
    for (const [proto, value] of Object.entries({ udp, tcp }))
      families.counter('node_nfsd_packets_total', 'Total NFSd network packets (sent+received) by protocol type.', { proto }, value); // prettier-ignore
    add('counter', 'connections_total', 'Total number of NFSd TCP connections.', connections);
    const [rpcs, , fmt, auth, cInt] = line('rpc');
    for (const [error, value] of Object.entries({ fmt, auth, cInt }))
      families.counter('node_nfsd_rpc_errors_total', 'Total number of NFSd RPC errors by error type.', { error }, value); // prettier-ignore
    add('counter', 'server_rpcs_total', 'Total number of NFSd RPCs.', rpcs);
    const help = 'Total number NFSd Requests by method and protocol.';
    const name = 'node_nfsd_requests_total';
    writeRequests(families, name, help, '2', V2.replace('Null', '-'), lines.get('proc2'));
    writeRequests(families, name, help, '3', V3.replace('Null', '-'), lines.get('proc3'));
    writeRequests(families, name, help, '4', SERVER_V4, lines.get('proc4ops'));
    families.counter(name, help, { method: 'WdelegGetattr', proto: '4' }, line('wdeleg_getattr')[0]);
    families.writeTo(page);
  };
};

/** Lines by their first word. */
function readRpc(path: string): Map<string, number[]> {
  return new Map(
    linesOf(readProc(path)).map((line) => {
      const [name, ...numbers] = wordsIn(line);
      return [name, numbers.map(Number)];
    }),
  );
}

/** The first number of a line says how many follow; older kernels know fewer procedures. */
function writeRequests(
  families: FamilySet,
  name: string,
  help: string,
  proto: string,
  methods: string,
  line: readonly number[] | undefined,
): void {
  if (line === undefined) return;
  methods.split(' ').forEach((method, i) => {
    if (method !== '-') families.counter(name, help, { method, proto }, line[i + 1] ?? 0);
  });
}
