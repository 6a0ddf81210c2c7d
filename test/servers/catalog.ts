import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheDir, findJava, findProgram } from './cache.ts';
import { runShared, sharedScript } from './shared-scripts.ts';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));

/** A real server that tests run against, and the ordinary package client that brings it. */
export interface ServerRecipe {
  readonly name: string;
  readonly version: string;
  /** Had within about a minute on two cores; `npm test` fetches these by itself, `npm run servers` all. */
  readonly quick: boolean;
  /** Puts the server into the cache. @throws {Error} whose message says what is missing. */
  readonly fetch: () => Promise<void>;
  /** Whether it is there, at this version. */
  readonly present: () => Promise<boolean>;
}

const KUBERNETES = '1.36.3';
const CONTROL_PLANE = {
  etcd: 'v3.6.8',
  'kube-apiserver': `v${KUBERNETES}`,
  'kube-controller-manager': `v${KUBERNETES}`,
  'kube-scheduler': `v${KUBERNETES}`,
  kubectl: `v${KUBERNETES}`,
  kwok: 'v0.8.0',
};

export const recipes: readonly ServerRecipe[] = [
  goProgram({
    name: 'node_exporter',
    version: '1.12.1',
    module: 'github.com/prometheus/node_exporter',
    moduleVersion: 'v1.12.1',
    pkg: '',
    quick: true,
  }),
  goProgram({
    name: 'prometheus',
    version: '3.15.0',
    module: 'github.com/prometheus/prometheus',
    moduleVersion: 'v0.315.0',
    pkg: '/cmd/prometheus',
    quick: false,
  }),
  goProgram({
    name: 'promtool',
    version: '3.15.0',
    module: 'github.com/prometheus/prometheus',
    moduleVersion: 'v0.315.0',
    pkg: '/cmd/promtool',
    quick: false,
  }),
  goProgram({
    name: 'sloth',
    version: '0.16.0',
    module: 'github.com/slok/sloth',
    moduleVersion: 'v0.16.0',
    pkg: '/cmd/sloth',
    quick: false,
  }),
  sharedPrograms('alertmanager', '0.34.2', { alertmanager: 'v0.34.2' }),
  sharedPrograms('amtool', '0.34.2', { amtool: 'v0.34.2' }),
  sharedPrograms('kubernetes', KUBERNETES, CONTROL_PLANE),
  kubernetesNode(KUBERNETES, { ...CONTROL_PLANE, kubelet: `v${KUBERNETES}` }),
  elasticsearch('9.5.3'),
  opensearch('3.8.0'),
  debianProgram('victoria-metrics', 'victoria-metrics'),
  debianProgram('vmalert', 'victoria-metrics'),
  chromium(),
];

interface GoProgram {
  readonly name: string;
  readonly version: string;
  readonly module: string;
  readonly moduleVersion: string;
  readonly pkg: string;
  readonly quick: boolean;
}

/** Built by the Go client from its module, in a throw-away module, for `go install` refuses those with replace lines. */
function goProgram({ name, version, module, moduleVersion, pkg, quick }: GoProgram): ServerRecipe {
  const stamp = join(cacheDir, 'bin', '.versions', name);
  return {
    name,
    version,
    quick,
    present: () => hasStamp(stamp, moduleVersion, join(cacheDir, 'bin', name)),
    async fetch() {
      await requireTool('go', ['version'], 'Go 1.26 or newer');
      const folder = await mkdtemp(join(tmpdir(), 'crowsnest-go-'));
      try {
        await writeFile(
          join(folder, 'go.mod'),
          `module throwaway\n\ngo 1.26.0\n\nrequire ${module} ${moduleVersion}\n`,
        );
        const flags = `-s -w -X github.com/prometheus/common/version.Version=${version}`;
        await run(
          'go',
          ['build', '-trimpath', '-mod=mod', '-ldflags', flags, '-o', join(folder, name), `${module}${pkg}`],
          {
            cwd: folder,
            env: { ...process.env, CGO_ENABLED: '0' },
            maxBuffer: 64 << 20,
          },
        );
        await installProgram(name, join(folder, name));
        await mkdir(dirname(stamp), { recursive: true });
        await writeFile(stamp, moduleVersion);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/**
 * Programs that `../shared/servers/go/setup.sh` builds, each at its module's version. The versions here say what tests expect:
 * when the script builds others, the server counts as absent and not as another version. Starters use that folder's scripts.
 */
function sharedPrograms(name: string, version: string, programs: Readonly<Record<string, string>>): ServerRecipe {
  return {
    name,
    version,
    quick: false,
    present: () => hasSharedPrograms(programs),
    async fetch() {
      await runShared('go/setup.sh', Object.keys(programs), { timeout: BUILD_WITHIN });
      if (!(await hasSharedPrograms(programs))) throw new Error(`go/setup.sh built other versions than ${version}`);
    },
  };
}

/** A real kubelet with containerd. Programs alone do not do: the machine must allow it. */
function kubernetesNode(version: string, programs: Readonly<Record<string, string>>): ServerRecipe {
  const containerd = join(cacheDir, 'deb', 'root', 'usr', 'bin', 'containerd');
  return {
    name: 'kubernetes-node',
    version,
    quick: false,
    present: async () => nodeObstacle() === undefined && existsSync(containerd) && (await hasSharedPrograms(programs)),
    async fetch() {
      const obstacle = nodeObstacle();
      if (obstacle !== undefined) throw new Error(obstacle);
      await runShared('kubernetes/setup.sh', ['--node'], { timeout: BUILD_WITHIN });
    },
  };
}

/** Kubernetes from nothing takes about ten minutes on two idle cores. */
const BUILD_WITHIN = 3_600_000;

async function hasSharedPrograms(programs: Readonly<Record<string, string>>): Promise<boolean> {
  if (!existsSync(sharedScript('go/setup.sh'))) return false;
  const bin = join(cacheDir, 'bin');
  const found = await Promise.all(
    Object.entries(programs).map(([name, version]) => hasStamp(join(bin, '.versions', name), version, join(bin, name))),
  );
  return found.every(Boolean);
}

function nodeObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (!existsSync('/proc/self/cgroup') || !readFileSync('/proc/self/cgroup', 'utf8').includes(':memory:'))
    return 'needs cgroup v1';
  return undefined;
}

const MAVEN_DEPENDENCY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1';

/** Put together in a folder of its own, anew for each version, from what Maven brings. */
function javaServer(
  name: string,
  version: string,
  build: (java: string, folder: string) => Promise<void>,
): ServerRecipe {
  const folder = join(cacheDir, name);
  const stamp = join(folder, '.version');
  return {
    name,
    version,
    quick: false,
    present: () => hasStamp(stamp, version, folder),
    async fetch() {
      const java = await requireJava();
      await requireTool('mvn', ['-v'], 'Maven');
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      await build(java, folder);
      await writeFile(stamp, version);
    },
  };
}

/** The distribution's integration-test archive; a small plugin adds the two routes it lacks (see EsShim.java). */
function elasticsearch(version: string): ServerRecipe {
  return javaServer('elasticsearch', version, async (java, folder) => {
    await writeFile(join(folder, 'pom.xml'), pom('elasticsearch', '', unpackPlugin(version, folder)));
    await run('mvn', ['-q', '-B', `${MAVEN_DEPENDENCY}:unpack`], { cwd: folder, maxBuffer: 64 << 20 });
    await buildShim(java, join(folder, `elasticsearch-${version}`), version);
  });
}

async function buildShim(java: string, home: string, version: string): Promise<void> {
  const out = await mkdtemp(join(tmpdir(), 'crowsnest-shim-'));
  const plugin = join(home, 'plugins', 'es-shim');
  await run(join(java, 'bin', 'javac'), [
    '--release',
    '21',
    '-proc:none',
    '-nowarn',
    '-cp',
    `${home}/lib/*`,
    '-d',
    out,
    join(here, 'elasticsearch-shim', 'EsShim.java'),
  ]);
  await mkdir(plugin, { recursive: true });
  await run(join(java, 'bin', 'jar'), ['cf', join(plugin, 'es-shim.jar'), '-C', out, '.']);
  const descriptor = {
    description: 'routes that the archive lacks',
    version: '1',
    name: 'es-shim',
    classname: 'EsShim',
    'java.version': '21',
    'elasticsearch.version': version,
  };
  await writeFile(
    join(plugin, 'plugin-descriptor.properties'),
    Object.entries(descriptor)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  await rm(out, { recursive: true, force: true });
}

/** The engine's own jars, started by a few lines of Java (see OpenSearchNode.java). */
function opensearch(version: string): ServerRecipe {
  const artifacts = [
    ['org.opensearch', 'opensearch', version],
    ['org.opensearch.plugin', 'transport-netty4-client', version],
    ['org.opensearch.plugin', 'mapper-extras-client', version],
    ['org.opensearch.plugin', 'ingest-common', version],
    ['org.opensearch.plugin', 'reindex-client', version],
    ['org.opensearch.plugin', 'lang-painless', version],
    // Marked optional by the server's own description, though it logs through it.
    ['org.apache.logging.log4j', 'log4j-core', '2.25.4'],
  ];
  const dependencies = artifacts.map(
    ([group, artifact, v]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${v}</version></dependency>`,
  );
  return javaServer('opensearch', version, async (java, folder) => {
    await writeFile(
      join(folder, 'pom.xml'),
      pom('opensearch', `<dependencies>${dependencies.join('')}</dependencies>`, ''),
    );
    await run(
      'mvn',
      ['-q', '-B', `${MAVEN_DEPENDENCY}:copy-dependencies`, '-DoutputDirectory=lib', '-DincludeScope=runtime'],
      { cwd: folder, maxBuffer: 64 << 20 },
    );
    await run(join(java, 'bin', 'javac'), [
      '-nowarn',
      '-cp',
      `${folder}/lib/*`,
      '-d',
      join(folder, 'classes'),
      join(here, 'OpenSearchNode.java'),
    ]);
  });
}

/** One program out of a Debian package, unpacked and not installed; the version is that of the distribution. */
function debianProgram(name: string, debianPackage: string): ServerRecipe {
  return {
    name,
    version: "the distribution's",
    quick: true,
    present: async () => findProgram(name) !== undefined,
    async fetch() {
      await requireTool('apt-get', ['--version'], 'apt-get');
      await requireTool('dpkg', ['--version'], 'dpkg');
      const folder = await mkdtemp(join(tmpdir(), 'crowsnest-deb-'));
      try {
        await run('apt-get', ['download', debianPackage], { cwd: folder });
        const [archive] = (await readdir(folder)).filter((file) => file.endsWith('.deb'));
        await run('dpkg', ['-x', archive, '.'], { cwd: folder });
        await installProgram(name, join(folder, 'usr', 'bin', name));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Whole or not at all: others may be looking for it. */
async function installProgram(name: string, from: string): Promise<void> {
  const bin = join(cacheDir, 'bin');
  await mkdir(bin, { recursive: true });
  await cp(from, join(bin, `${name}.new`));
  await rename(join(bin, `${name}.new`), join(bin, name));
}

function chromium(): ServerRecipe {
  return {
    name: 'chromium',
    version: "the distribution's",
    quick: true,
    present: async () => findProgram('chromium') !== undefined,
    async fetch() {
      if (process.getuid?.() !== 0) throw new Error('needs root to install the package chromium');
      await requireTool('apt-get', ['--version'], 'apt-get');
      await run('apt-get', ['update'], { maxBuffer: 64 << 20 });
      await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
        maxBuffer: 64 << 20,
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    },
  };
}

function pom(name: string, dependencies: string, build: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>${name}-node</artifactId><version>1</version><packaging>pom</packaging>${dependencies}${build}</project>\n`;
}

function unpackPlugin(version: string, folder: string): string {
  const item = `<artifactItem><groupId>org.elasticsearch.distribution.integ-test-zip</groupId><artifactId>elasticsearch</artifactId><version>${version}</version><type>zip</type><outputDirectory>${folder}</outputDirectory></artifactItem>`;
  return `<build><plugins><plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId><version>3.6.1</version><configuration><artifactItems>${item}</artifactItems></configuration></plugin></plugins></build>`;
}

async function hasStamp(stamp: string, version: string, path: string): Promise<boolean> {
  return existsSync(path) && existsSync(stamp) && (await readFile(stamp, 'utf8')).trim() === version;
}

async function requireTool(command: string, args: string[], what: string): Promise<void> {
  const known = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
  if (!known) throw new Error(`needs ${what}, which is not on the PATH`);
  await run(command, args);
}

async function requireJava(): Promise<string> {
  const java = findJava();
  if (java === undefined) throw new Error('needs a JDK 21 or newer (JAVA_HOME)');
  return java;
}
