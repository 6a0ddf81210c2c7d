import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type KubeConnection, connectKubernetes, kubeconfigAccess } from '../../src/kubernetes/index.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { findProgram } from './cache.ts';
import { freePort } from './free-port.ts';
import { temporaryFolder, waitFor } from './process.ts';

/** A real etcd and kube-apiserver. Pods can be made; nothing schedules or runs them but kwok, where it is started. */
export interface KubeApi {
  readonly url: string;
  readonly folder: string;
  /** Self-signed: the API server's own certificate. */
  readonly caFile: string;
  /** With the token of the administrator. */
  readonly kubeconfig: string;
  /** Writes a kubeconfig for one of the tokens, `admin` or `reader`. The reader may do nothing until a role is bound to it. */
  kubeconfigOf(user: string, url?: string): string;
  /** The administrator's connection. */
  readonly admin: KubeConnection;
  kill(): Promise<void>;
  /** Starts the API server again, on the same data and port. */
  start(): Promise<void>;
  /** Forgets all versions in etcd but the newest. */
  compact(): Promise<void>;
  startKwok(): Promise<void>;
  stop(): Promise<void>;
}

type Flags = Readonly<Record<string, string | number | boolean>>;

export const KUBE_API_PROGRAMS = ['etcd', 'kube-apiserver'];
const TOKENS = { admin: 'admin-token', reader: 'reader-token' };
const READY_MS = 120_000;

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export async function startKubeApi({ flags = {} }: { readonly flags?: Flags } = {}): Promise<KubeApi> {
  const folder = temporaryFolder();
  const [apiPort, etcdPort, peerPort, kwokPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const [url, etcdUrl] = [`https://127.0.0.1:${apiPort}`, `http://127.0.0.1:${etcdPort}`];
  const caFile = join(folder, 'certificates', 'apiserver.crt');
  mkdirSync(join(folder, 'certificates'));
  writeKeys(folder);

  const etcd = run('etcd', folder, {
    'data-dir': join(folder, 'etcd'),
    'unsafe-no-fsync': true,
    'log-level': 'error',
    'initial-cluster': `default=http://127.0.0.1:${peerPort}`,
    'listen-client-urls': etcdUrl,
    'advertise-client-urls': etcdUrl,
    'listen-peer-urls': `http://127.0.0.1:${peerPort}`,
    'initial-advertise-peer-urls': `http://127.0.0.1:${peerPort}`,
  });
  let api: ChildProcess | undefined;
  let kwok: ChildProcess | undefined;

  function kubeconfigOf(user: string, server = url): string {
    const file = join(folder, `${user}-${Math.random().toString(36).slice(2)}.kubeconfig`);
    const token = TOKENS[user as keyof typeof TOKENS];
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server, 'certificate-authority': caFile } }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  async function start(): Promise<void> {
    api = run('kube-apiserver', folder, {
      'etcd-servers': etcdUrl,
      'secure-port': apiPort,
      'bind-address': '127.0.0.1',
      'advertise-address': '127.0.0.1',
      'endpoint-reconciler-type': 'none',
      'cert-dir': join(folder, 'certificates'),
      'token-auth-file': join(folder, 'tokens.csv'),
      'authorization-mode': 'RBAC',
      'disable-admission-plugins': 'ServiceAccount',
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-account-key-file': join(folder, 'sa.pub'),
      'service-account-signing-key-file': join(folder, 'sa.key'),
      'service-cluster-ip-range': '10.96.0.0/16',
      ...flags,
    });
    const child = api;
    const isReady = await waitFor(async () => {
      if (child.exitCode !== null || etcd.exitCode !== null) return true;
      // Until the server has written its certificate, there is none to hold it to.
      return admin.request('/readyz').then(
        ({ status }) => status === 200,
        () => false,
      );
    }, READY_MS);
    if (!isReady || child.exitCode !== null || etcd.exitCode !== null)
      throw new Error(
        `the API server is not ready:\n${readFileSync(join(folder, 'kube-apiserver.log'), 'utf8').slice(-3000)}`,
      );
  }

  const kubeconfig = kubeconfigOf('admin');
  const admin = connectKubernetes({ access: kubeconfigAccess(kubeconfig), logger: createLogger({ quiet: true }) });
  await start();
  return {
    url,
    folder,
    caFile,
    kubeconfig,
    kubeconfigOf,
    admin,
    start,
    kill: async () => end(api),
    async compact() {
      // The value of a key that is not there tells the newest revision.
      const status = await post(`${etcdUrl}/v3/kv/range`, { key: Buffer.from('none').toString('base64') });
      const { header } = (await status.json()) as { header: { revision: string } };
      await post(`${etcdUrl}/v3/kv/compaction`, { revision: header.revision, physical: true });
    },
    async startKwok() {
      kwok = run('kwok', folder, {
        kubeconfig,
        config: join(dirname(findProgram('kwok') ?? ''), 'kwok-stages.yaml'),
        'manage-all-nodes': false,
        'manage-nodes-with-annotation-selector': 'kwok.x-k8s.io/node=fake',
        cidr: '10.244.0.0/16',
        'node-ip': '127.0.0.1',
        'server-address': `127.0.0.1:${kwokPort}`,
      });
      const isUp = () =>
        fetch(`http://127.0.0.1:${kwokPort}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        );
      if (!(await waitFor(isUp, READY_MS))) throw new Error('kwok does not answer');
    },
    async stop() {
      admin.close();
      for (const child of [kwok, api, etcd]) await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function run(name: string, folder: string, flags: Flags): ChildProcess {
  const log = openSync(join(folder, `${name}.log`), 'a');
  const list = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const child = spawn(findProgram(name) ?? name, list, {
    stdio: ['ignore', log, log],
    cwd: folder,
    env: { HOME: folder },
  });
  closeSync(log);
  alive.add(child);
  return child;
}

/** The API server takes a minute over SIGTERM while a watch is open. */
async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  alive.delete(child);
}

function writeKeys(folder: string): void {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(folder, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(folder, 'sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(
    join(folder, 'tokens.csv'),
    `${TOKENS.admin},admin,admin,"system:masters"\n${TOKENS.reader},reader,reader,"readers"\n`,
  );
}

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify(body) });
}
