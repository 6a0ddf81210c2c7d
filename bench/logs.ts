/**
 * Container log files through the log walk into a bulk sink that answers at once: CPU-s per GiB, MB/s, peak RSS.
 *
 *     npx tsx bench/logs.ts [size in MiB, 1024] [rounds, 3] [script to compare with]
 *
 * The script to compare with is run as `node SCRIPT FOLDER id k8s`, ships a flat folder of container logs to port 19300, and prints
 * a line with `docs` when it is done.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const mebibytes = Number(process.argv[2] ?? 1024);
const rounds = Number(process.argv[3] ?? 3);
const compared = process.argv[4];
const settings = process.env.BENCH_SETTINGS ?? '{}';
const FILES = 10;
const GIB = 1024 ** 3;

interface Result {
  readonly cpu: number;
  readonly user?: number;
  readonly seconds: number;
  readonly rss: number;
  readonly lines: number;
}

const folder = mkdtempSync(join(tmpdir(), 'crowsnest-bench-logs-'));
try {
  const bytes = writeLogs();
  const child = join(folder, 'child.mjs');
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
  buildSync({
    entryPoints: ['bench/logs-child.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: child,
    banner,
  });
  const sink = spawn('taskset', ['-c', '1', 'node', 'bench/logs-sink.mjs', '19300'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(sink.stdout, 'data');
  try {
    for (let round = 0; round < rounds; round++) {
      const dataDir = mkdtempSync(join(folder, 'data-'));
      const args = [child, join(folder, 'pods'), 'http://127.0.0.1:19300', dataDir, String(bytes), settings];
      report('crowsnest', JSON.parse(await run(args)) as Result, bytes);
      if (compared !== undefined) report('compared', await runCompared(compared), bytes);
    }
  } finally {
    sink.kill();
    await once(sink, 'exit');
  }
} finally {
  rmSync(folder, { recursive: true });
}

function report(name: string, { cpu, user, seconds, rss, lines }: Result, bytes: number): void {
  const perGib = (cpu * GIB) / bytes;
  const split = user === undefined ? '' : ` (user ${((user * GIB) / bytes).toFixed(2)})`;
  const speed = (bytes / 1e6 / seconds).toFixed(0);
  console.log(
    `${name.padEnd(10)} ${perGib.toFixed(2)} CPU-s/GiB${split}  ${speed} MB/s  ${(rss / 1e6).toFixed(0)} MB peak  ${lines} lines`,
  );
}

async function run(args: readonly string[]): Promise<string> {
  const child = pinned(args);
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`the program ended with ${code}`);
  return Buffer.concat(chunks).toString();
}

/** The script stays up when it is done, so that its totals can be read. */
async function runCompared(script: string): Promise<Result> {
  const started = performance.now();
  const child = pinned([script, join(folder, 'flat'), 'id', 'k8s']);
  let text = '';
  while (!/^docs (\d+)/m.test(text)) text += String((await once(child.stdout!, 'data'))[0]);
  const seconds = (performance.now() - started) / 1000;
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const rss = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024;
  child.kill();
  await once(child, 'exit');
  const lines = Number(/^docs (\d+)/m.exec(text)?.[1]);
  return { cpu: (Number(stat[11]) + Number(stat[12])) / 100, user: Number(stat[11]) / 100, seconds, rss, lines };
}

function pinned(args: readonly string[]): ChildProcess {
  return spawn('taskset', ['-c', '0', 'node', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Files as a container runtime writes them: access lines, JSON lines, stack traces, some in parts. Gives their size. */
function writeLogs(): number {
  const id = createHash('sha256').update('x').digest('hex');
  let total = 0;
  mkdirSync(join(folder, 'flat'));
  for (let file = 0; file < FILES; file++) {
    const pods = join(
      folder,
      'pods',
      `shop_checkout-7d9f8b6c5d-${file}_8f2d4e5c-1b2a-4c3d-9e8f-0a1b2c3d4e5${file}`,
      'app',
    );
    mkdirSync(pods, { recursive: true });
    const path = join(pods, '0.log');
    const fd = openSync(path, 'w');
    for (let n = 0, size = 0; size < (mebibytes * 1024 * 1024) / FILES; n++) size += writeSync(fd, page(file, n));
    closeSync(fd);
    total += statSync(path).size;
    linkSync(path, join(folder, 'flat', `checkout-7d9f8b6c5d-${file}_shop_app-${id}.log`));
  }
  return total;
}

function page(file: number, n: number): string {
  let text = '';
  for (let i = 0; i < 2000; i++) {
    const at = new Date(Date.UTC(2026, 10, 21) + (n * 2000 + i) * 7).toISOString().slice(0, -1);
    const stream = i % 9 === 0 ? 'stderr' : 'stdout';
    const head = `${at}${String(100_000 + ((i * 7919) % 900_000))}Z ${stream} `;
    if (i % 500 === 0) text += `${head}P ${'part of a long record '.repeat(100)}\n`;
    text += `${head}F ${message(file, n, i)}\n`;
  }
  return text;
}

function message(file: number, n: number, i: number): string {
  switch (i % 5) {
    case 0:
      return `10.1.${file}.${i % 250} - - "GET /api/v1/items/${i * n} HTTP/1.1" 200 ${i * 13} "-" "Mozilla/5.0 (X11; Linux x86_64)"`;
    case 1:
      return `{"level":"info","time":"2026-11-21T12:00:00.000Z","msg":"order placed","order":${i},"user":"u${n}","ms":${i % 300}}`;
    case 2:
      return `INFO  [main] com.example.shop.CheckoutService - processed order ${i} in ${i % 90} ms for customer ${n}`;
    case 3:
      return `\tat com.example.shop.checkout.PaymentClient.authorise(PaymentClient.java:${i})`;
    default:
      return `level=warn caller=retry.go:${i} msg="retrying request" attempt=${i % 5} upstream=redis-${file}:6379 err="context deadline exceeded"`;
  }
}
