import { delimiter, join } from 'node:path';
import { cacheDir, findJava } from './cache.ts';
import { type RunningServer, startProcess } from './process.ts';

/** One OpenSearch 3 node. */
export function startOpenSearch(settings: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  const home = join(cacheDir, 'opensearch');
  const classpath = [join(home, 'classes'), join(home, 'lib', '*')].join(delimiter);
  return startProcess({
    command: join(findJava() ?? '', 'bin', 'java'),
    readyPath: '/',
    readyWithin: 240_000,
    args: (port, folder) => [
      '-Xms512m',
      '-Xmx512m',
      '-XX:+UseSerialGC',
      '-cp',
      classpath,
      'OpenSearchNode',
      String(port),
      folder,
      ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
    ],
  });
}
