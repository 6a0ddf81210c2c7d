import { closeSync, linkSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

export interface WrittenLogs {
  readonly bytes: number;
  /** Records: a line in parts is one. */
  readonly records: number;
}

/**
 * Ten files as a container runtime writes them, below `folder`/pods in the kubelet's layout, and linked in `folder`/flat under
 * the names of /var/log/containers.
 */
export function writeContainerLogs(folder: string, mebibytes: number): WrittenLogs {
  const files = 10;
  const lines = 2000;
  const id = createHash('sha256').update('container').digest('hex');
  let [bytes, records] = [0, 0];
  mkdirSync(join(folder, 'flat'));
  for (let file = 0; file < files; file++) {
    const pod = `checkout-7d9f8b6c5d-${file}`;
    const container = join(folder, 'pods', `shop_${pod}_8f2d4e5c-1b2a-4c3d-9e8f-0a1b2c3d4e5${file}`, 'app');
    mkdirSync(container, { recursive: true });
    const path = join(container, '0.log');
    const to = openSync(path, 'w');
    for (let page = 0, size = 0; size < (mebibytes * 1024 * 1024) / files; page++, records += lines) {
      const written = writeSync(to, criLines(file, page, lines));
      size += written;
      bytes += written;
    }
    closeSync(to);
    linkSync(path, join(folder, 'flat', `${pod}_shop_app-${id}.log`));
  }
  return { bytes, records };
}

/** Access lines, JSON lines, stack traces; every 500th record in two parts. */
export function criLines(file: number, page: number, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) {
    const at = new Date(Date.UTC(2026, 10, 21) + (page * count + i) * 7).toISOString().slice(0, -1);
    const head = `${at}${String(100_000 + ((i * 7919) % 900_000))}Z ${i % 9 === 0 ? 'stderr' : 'stdout'} `;
    if (i % 500 === 0) text += `${head}P ${'part of a long record '.repeat(100)}\n`;
    text += `${head}F ${message(file, page, i)}\n`;
  }
  return text;
}

function message(file: number, page: number, i: number): string {
  switch (i % 5) {
    case 0:
      return `10.1.${file}.${i % 250} - - "GET /api/v1/items/${i * page} HTTP/1.1" 200 ${i * 13} "-" "Mozilla/5.0 (X11; Linux x86_64)"`;
    case 1:
      return `{"level":"info","time":"2026-11-21T12:00:00.000Z","msg":"order placed","order":${i},"user":"u${page}","ms":${i % 300}}`;
    case 2:
      return `INFO  [main] com.example.shop.CheckoutService - processed order ${i} in ${i % 90} ms for customer ${page}`;
    case 3:
      return `\tat com.example.shop.checkout.PaymentClient.authorise(PaymentClient.java:${i})`;
    default:
      return `level=warn caller=retry.go:${i} msg="retrying request" attempt=${i % 5} upstream=redis-${file}:6379 err="context deadline exceeded"`;
  }
}
