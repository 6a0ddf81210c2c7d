#!/usr/bin/env node
// The entry point of every `npm run …`: sets up what a fresh clone lacks, then does what was asked. Plain JavaScript, as it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...args] = process.argv.slice(2);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`crowsnest needs Node 20.19 or newer; this is ${process.versions.node} (${process.execPath})`);
}
process.chdir(root);

switch (command) {
  case 'up':
    // SIGHUP asks a program to reload; during the build there is nothing to reload yet, and it must not end the process.
    process.on('SIGHUP', () => {});
    install();
    build();
    // In this process, so that Ctrl-C and SIGTERM reach the program itself.
    process.argv = [process.argv[0], join(root, 'dist', 'cli.js'), 'up', ...args];
    await import(pathToFileURL(join(root, 'dist', 'cli.js')).href);
    break;
  case 'test':
    test(args);
    break;
  case 'bench':
    install();
    build();
    node('tsx', ['bench/run.ts', ...args]);
    break;
  case 'servers':
    install();
    node('tsx', ['test/servers/setup.ts', ...args]);
    break;
  case 'fuzz':
    install();
    node('tsx', ['test/fuzz/run.ts', ...args]);
    break;
  case 'docs':
    install();
    node('tsx', ['scripts/docs.ts', ...args]);
    node('tsx', ['scripts/dashboards.ts', ...args]);
    break;
  default:
    fail(`unknown command ${command}; there are up, test, bench, servers, fuzz and docs`);
}

/** `npm test [-- --node LINE] [VITEST OPTION…]`: on this Node, or on the one of the cache that `npm run servers node-LINE` brings. */
function test(options) {
  install();
  build();
  const at = options.indexOf('--node');
  const line = at === -1 ? undefined : options[at + 1];
  const rest = at === -1 ? options : options.toSpliced(at, 2);
  node('tsx', ['test/servers/setup.ts', '--for-tests']);
  if (line === undefined) {
    node('vitest', ['run', ...rest]);
    node('tsx', ['test/servers/setup.ts', '--report']);
    return;
  }
  node('tsx', ['test/servers/setup.ts', `node-${line}`]);
  const bin = join(
    process.env.CROWSNEST_SERVERS ?? join(homedir(), '.cache', 'crowsnest-servers'),
    'node',
    line,
    'bin',
  );
  // On the PATH too, for the scripts that tests start.
  process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
  node('vitest', ['run', ...rest], join(bin, 'node'));
}

/** `npm ci` when node_modules is not what the lockfile says. */
function install() {
  const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  const stamp = join('node_modules', '.crowsnest-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('installing packages (npm ci) …');
  const npm = process.env.npm_execpath;
  const done = npm
    ? spawnSync(process.execPath, [npm, 'ci'], { stdio: ['ignore', 2, 2] })
    : spawnSync('npm', ['ci'], { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (done.status !== 0) fail('npm ci did not succeed; see above', done.status ?? 1);
  writeFileSync(stamp, lock);
}

/** Builds when a source is newer than the last build. */
function build() {
  const stamp = join('dist', '.built');
  const sources = ['src', 'scripts', 'dashboards', 'package.json'].map(newest);
  if (existsSync(stamp) && statSync(stamp).mtimeMs > Math.max(...sources)) return;
  const done = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  if (done.status !== 0) fail('the build did not succeed; see above', done.status ?? 1);
  writeFileSync(stamp, '');
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Runs a development tool; its exit code becomes ours when it is not 0. */
function node(tool, toolArgs, program = process.execPath) {
  const script = { tsx: 'node_modules/tsx/dist/cli.mjs', vitest: 'node_modules/vitest/vitest.mjs' }[tool];
  const done = spawnSync(program, [script, ...toolArgs], { stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}
