import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithShared } from '../../src/lib/testing/shared.ts';
import { findProgram } from './cache.ts';
import { describeWith, temporaryFolder } from './process.ts';
import { runShared, sharedScript } from './shared-scripts.ts';

const CONTROL_PLANE = 'kubernetes/control-plane.sh';
const REAL_NODE = 'kubernetes/real-node.sh';

const CONTROL_PLANE_PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
];

/** `describe` for tests that call `startControlPlane`: skipped by name where it cannot be started, a failure with CI=true. */
export function describeWithControlPlane(title: string, body: () => void): void {
  describeWithShared('servers/kubernetes', title, () => describeWith(CONTROL_PLANE_PROGRAMS, 'of real servers', body));
}

/** The same for `startRealNode`. */
export function describeWithRealNode(title: string, body: () => void): void {
  const servers = [...CONTROL_PLANE_PROGRAMS, 'kubelet', 'node-runtime'];
  describeWithShared('servers/kubernetes', title, () => describeWith(servers, 'of real servers', body));
}

/** The bearer tokens that a new cluster has. `admin` may do all; the others nothing until a test binds a role to them. */
export interface Tokens {
  readonly admin: string;
  readonly scraper: string;
  readonly nobody: string;
}

/** etcd and kube-apiserver on loopback, with a folder of their own. */
export interface ControlPlane {
  /** Of the API server: `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** Of etcd: `http://127.0.0.1:PORT`. A compaction there makes old resource versions answer 410. */
  readonly etcd: string;
  /** The administrator's kubeconfig file. */
  readonly kubeconfig: string;
  /** The file of the authority that signed the API server's certificate. */
  readonly caFile: string;
  /** Files that hold the tokens, for `bearer_token_file` and the like. */
  readonly tokenFiles: Tokens;
  readonly tokens: Tokens;
  /** Of the controllers' own metrics, by name (`controller-manager`, `scheduler`); empty without `controllers`. */
  readonly controllers: ReadonlyMap<string, string>;
  /** Holds logs in `log/`; removed by `stop`. */
  readonly folder: string;
  /** Runs kubectl as the administrator and returns what it printed. `input` is its standard input, for `apply -f -`. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Kills the API server (SIGKILL) and starts it again on the same data and port. */
  restart(): Promise<void>;
  /** Kills all of it and removes its folder. May be called twice. */
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Also kube-controller-manager and kube-scheduler, which make the default service accounts. */
  readonly controllers?: boolean;
  /** Also kwok, which plays the kubelet of the nodes that `addFakeNodes` makes. */
  readonly kwok?: boolean;
  /** More flags for kube-apiserver, such as `--watch-cache=false`. */
  readonly apiServerFlags?: readonly string[];
}

/** Takes about 6 s and 350 MB; 500 MB with the controllers. Tests that call it stand in `describeWithControlPlane`. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const folder = temporaryFolder();
  const stop = stopOnce(CONTROL_PLANE, folder);
  const flags = [...(options.controllers ? ['--controllers'] : []), ...(options.kwok ? ['--kwok'] : [])];
  const env = { APISERVER_FLAGS: (options.apiServerFlags ?? []).join(' ') };
  try {
    const line = await runShared(CONTROL_PLANE, ['up', folder, ...flags], { env, timeout: 120_000 });
    return {
      ...filesOf(folder),
      url: readyField(line, 'api'),
      etcd: readyField(line, 'etcd'),
      controllers: controllersOf(folder),
      kubectl: (args, input) =>
        runProgram(findProgram('kubectl') ?? 'kubectl', args, { input, kubeconfig: join(folder, 'admin.kubeconfig') }),
      restart: async () => void (await runShared(CONTROL_PLANE, ['restart', folder], { timeout: 120_000 })),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Makes `count` nodes named `kwok-1` … that a control plane started with `kwok` reports Ready, and pods there Running. */
export async function addFakeNodes(cluster: Pick<ControlPlane, 'kubectl'>, count: number): Promise<void> {
  const manifests = await runShared('kubernetes/fake-nodes.sh', [String(count)], { timeout: 30_000 });
  await cluster.kubectl(['apply', '-f', '-'], manifests);
}

/** A whole cluster with one real node, in namespaces of its own: only the files of `folder` are seen from outside. */
export interface RealNode {
  /** The node's name in the cluster. */
  readonly name: string;
  /** Of the API server and the kubelet, as reached from inside. */
  readonly url: string;
  readonly kubelet: string;
  readonly kubeconfig: string;
  readonly caFile: string;
  readonly tokenFiles: Tokens;
  readonly tokens: Tokens;
  readonly folder: string;
  /** `/var/log` of the node as seen from outside: pod logs are in its `pods/`. */
  readonly varLog: string;
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Runs a command inside to its end and returns what it printed. KUBECONFIG is the administrator's. */
  exec(command: string, args: readonly string[], input?: string): Promise<string>;
  /** Starts a command inside that runs on. SIGTERM to it reaches the command; SIGKILL does so as SIGTERM. */
  spawn(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess;
  /** Kills the API server and starts it again on the same data and port. */
  restartApiServer(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * etcd, the control plane, containerd and a kubelet that runs real pods (image `localhost/busybox:1`, `imagePullPolicy: Never`).
 * Takes about 10 s. Tests that call it stand in `describeWithRealNode`.
 */
export async function startRealNode(options: { readonly kwok?: boolean } = {}): Promise<RealNode> {
  const folder = temporaryFolder();
  const stop = stopOnce(REAL_NODE, folder);
  const inside = (command: string, args: readonly string[]) => ['exec', folder, command, ...args];
  const exec = (command: string, args: readonly string[], input?: string) =>
    runProgram(sharedScript(REAL_NODE), inside(command, args), { input });
  try {
    const env = { NODE_FLAGS: options.kwok ? '--kwok' : '' };
    const line = await runShared(REAL_NODE, ['up', folder], { env, timeout: 180_000 });
    return {
      ...filesOf(folder),
      name: readyField(line, 'node'),
      url: 'https://127.0.0.1:443',
      kubelet: readyField(line, 'kubelet'),
      varLog: join(folder, 'var-log'),
      exec,
      kubectl: (args, input) => exec('kubectl', args, input),
      spawn: (command, args, more = {}) =>
        spawn(sharedScript(REAL_NODE), inside(command, args), {
          env: { ...process.env, ...more },
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      restartApiServer: async () => void (await exec(sharedScript(CONTROL_PLANE), ['restart', folder])),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The servers outlive the process that started them, so a test process that ends without `stop` ends them too. */
function stopOnce(script: string, folder: string): () => Promise<void> {
  const onExit = () => {
    spawnSync(sharedScript(script), ['down', folder], { stdio: 'ignore', timeout: 30_000 });
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  let stopping: Promise<void> | undefined;
  return () =>
    (stopping ??= (async () => {
      await runShared(script, ['down', folder], { timeout: 60_000 });
      rmSync(folder, { recursive: true, force: true });
      process.off('exit', onExit);
    })());
}

function filesOf(folder: string) {
  const tokenFile = (name: string) => join(folder, 'tokens', name);
  const token = (name: string) => readFileSync(tokenFile(name), 'utf8').trim();
  return {
    folder,
    kubeconfig: join(folder, 'admin.kubeconfig'),
    caFile: join(folder, 'pki', 'ca.crt'),
    tokenFiles: { admin: tokenFile('admin'), scraper: tokenFile('scraper'), nobody: tokenFile('nobody') },
    tokens: { admin: token('admin'), scraper: token('scraper'), nobody: token('nobody') },
  };
}

function controllersOf(folder: string): ReadonlyMap<string, string> {
  const file = join(folder, 'ports');
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}

/** `ready api=URL etcd=URL …` is what the scripts print last. */
function readyField(line: string, name: string): string {
  const found = new RegExp(`\\b${name}=(\\S+)`).exec(line)?.[1];
  if (found === undefined) throw new Error(`no ${name}=… in what the script printed: ${line}`);
  return found;
}

function runProgram(
  command: string,
  args: readonly string[],
  { input = '', kubeconfig }: { readonly input?: string; readonly kubeconfig?: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = kubeconfig === undefined ? process.env : { ...process.env, KUBECONFIG: kubeconfig };
    const child = spawn(command, [...args], { env, stdio: ['pipe', 'pipe', 'pipe'], timeout: 180_000 });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}: ${stderr.slice(-2000)}`));
    });
    // A command that ends without reading all of its input is judged by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
