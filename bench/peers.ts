import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, findProgram } from '../test/servers/cache.ts';
import { freePort } from '../test/servers/free-port.ts';
import { Program } from './program.ts';

/** Why a peer is not in a table. */
export class Absent extends Error {}

export interface Peer {
  readonly program: Program;
  readonly url: string;
}

/** Prometheus 3 with an empty store that takes remote write. */
export async function startPrometheus(folder: string, config = 'global: {}\n', flags: string[] = []): Promise<Peer> {
  const command = findProgram('prometheus');
  if (command === undefined) throw new Absent('Prometheus is not here: npm run servers prometheus');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = join(folder, 'prometheus.yml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, config);
  const args = [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn', ...flags];
  return { program: await Program.start({ command, args, ready: `${url}/-/ready` }), url };
}

export function serverFlags(folder: string): string[] {
  return [
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--web.enable-remote-write-receiver',
    '--web.enable-lifecycle',
    '--web.enable-admin-api',
  ];
}

/** vmagent of the Debian package, unpacked into the cache and never installed. */
export async function startVmagent(folder: string, config: string, writeUrl: string): Promise<Peer> {
  const command = findProgram('vmagent') ?? unpackVmagent();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = join(folder, 'vmagent.yml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, config);
  const args = [
    `-promscrape.config=${file}`,
    `-remoteWrite.url=${writeUrl}`,
    `-remoteWrite.tmpDataPath=${join(folder, 'data')}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-loggerLevel=WARN',
  ];
  return { program: await Program.start({ command, args, ready: `${url}/health` }), url };
}

function unpackVmagent(): string {
  const folder = join(cacheDir, 'debian-victoria-metrics');
  const program = join(folder, 'usr', 'bin', 'vmagent');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  spawnSync('apt-get', ['download', 'victoria-metrics'], { cwd: folder });
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
  if (archive !== undefined) spawnSync('dpkg', ['-x', archive, '.'], { cwd: folder });
  if (!existsSync(program)) throw new Absent('vmagent is not here: Debian package victoria-metrics');
  return program;
}
