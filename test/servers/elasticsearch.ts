import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, findJava } from './cache.ts';
import { type RunningServer, startProcess } from './process.ts';

const NOBODY = 65534;

/** One Elasticsearch 9 node without security. It refuses to run as root, so under root it runs as nobody. */
export function startElasticsearch(settings: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  const version = '9.5.3';
  const cached = join(cacheDir, 'elasticsearch', `elasticsearch-${version}`);
  const asRoot = process.getuid?.() === 0;
  return startProcess({
    command: asRoot ? 'setpriv' : 'env',
    readyPath: '/',
    readyWithin: 240_000,
    args(port, folder) {
      for (const name of ['data', 'logs', 'tmp', 'conf']) mkdirSync(join(folder, name));
      cpSync(join(cached, 'config'), join(folder, 'conf'), { recursive: true });
      // Without a bound it takes half of the machine's memory.
      writeFileSync(
        join(folder, 'conf', 'jvm.options'),
        ['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC', '-Djava.io.tmpdir=${ES_TMPDIR}', ''].join('\n'),
      );
      if (asRoot) giveTo(folder, NOBODY);
      const home = asRoot ? reachableCopy(cached, join(folder, 'dist')) : cached;
      const node = {
        'path.data': join(folder, 'data'),
        'path.logs': join(folder, 'logs'),
        'node.name': 'n1',
        'http.host': '127.0.0.1',
        'http.port': String(port),
        'transport.host': '127.0.0.1',
        'transport.port': '0',
        'discovery.type': 'single-node',
        'cluster.routing.allocation.disk.threshold_enabled': 'false',
        'xpack.security.enabled': 'false',
        ...settings,
      };
      const environment = [
        `PATH=${process.env.PATH}`,
        `HOME=${folder}`,
        `ES_JAVA_HOME=${findJava()}`,
        `ES_PATH_CONF=${join(folder, 'conf')}`,
        `ES_TMPDIR=${join(folder, 'tmp')}`,
      ];
      const command = [
        'env',
        '-i',
        ...environment,
        join(home, 'bin', 'elasticsearch'),
        ...Object.entries(node).flatMap(([key, value]) => ['-E', `${key}=${value}`]),
      ];
      return asRoot ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...command] : command;
    },
  });
}

/** Root's home, and the cache in it, is closed to others: hard links in the temporary folder cost nothing and are open. */
function reachableCopy(from: string, to: string): string {
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' });
  } catch {
    execFileSync('cp', ['-a', from, to]);
  }
  return to;
}

function giveTo(path: string, uid: number): void {
  chownSync(path, uid, uid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) giveTo(child, uid);
    else chownSync(child, uid, uid);
  }
}
