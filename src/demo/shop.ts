import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Histogram, Registry } from '../lib/metrics.ts';
import { RotatingFile } from '../lib/durable/rotating-file.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import { sleep } from '../lib/time/sleep.ts';

export interface ShopOptions {
  /** Its log, one plain line a request that is worth one. */
  readonly logFile: string;
  /** Milliseconds after the start at which its cache begins to fail. */
  readonly faultAfter?: number;
}

export interface Shop extends Service {
  /** `http://127.0.0.1:PORT`; '' before the start. */
  readonly url: string;
}

/** Milliseconds between the customers' requests. */
const PACE = 50;

/**
 * A small web shop with customers of its own, for people who want to see crowsnest at work. Its checkout is well at first;
 * then its cache stops answering, and a third of the orders come late or not at all.
 */
export function createShop({ logFile, faultAfter = 15_000 }: ShopOptions): Shop {
  const metrics = createShopMetrics();
  const log = new RotatingFile(logFile);
  const stop = new AbortController();
  const server = http.createServer((request, response) => void serve(request, response));
  let url = '';
  let startedAt = 0;
  let order = 1000;
  let customers: Promise<void> = Promise.resolve();

  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (request.url === '/metrics') {
      response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(await metrics.registry.metrics());
      return;
    }
    const begun = performance.now();
    const code = await checkOut(++order);
    response.writeHead(code).end();
    const labels = { route: '/checkout', code: String(code) };
    metrics.requests.inc(labels);
    metrics.duration.observe(labels, (performance.now() - begun) / 1000);
  }

  async function checkOut(number: number): Promise<200 | 500> {
    const failing = Date.now() - startedAt > faultAfter && number % 3 === 0;
    if (!failing) {
      if (number % 20 === 0) write('INFO', `order ${number} paid`);
      return 200;
    }
    write('WARN', `cache redis-0:6379 slow to answer for order ${number}`);
    await sleep(250, stop.signal);
    if (number % 2 === 0) return 200;
    write('ERROR', `order ${number} failed: upstream timeout redis-0:6379 after 250 ms`);
    return 500;
  }

  function write(level: string, message: string): void {
    log.write(`${new Date().toISOString()} ${level} checkout ${message}\n`);
  }

  async function shopOn(): Promise<void> {
    while (await sleep(PACE, stop.signal))
      http.get(`${url}/checkout`, (response) => response.resume()).on('error', () => {});
  }

  return {
    name: 'shop',
    get url() {
      return url;
    },
    async start() {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      startedAt = Date.now();
      write('INFO', `shop open at ${url}`);
      customers = shopOn();
    },
    async stop() {
      stop.abort();
      await customers;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createShopMetrics() {
  const registry = new Registry();
  const labelNames = ['route', 'code'];
  return {
    registry,
    requests: new Counter({
      name: 'shop_http_requests_total',
      help: 'Requests answered.',
      labelNames,
      registers: [registry],
    }),
    duration: new Histogram({
      name: 'shop_http_request_duration_seconds',
      help: 'Time to answer.',
      labelNames,
      buckets: [0.005, 0.02, 0.1, 0.25, 0.5, 1],
      registers: [registry],
    }),
  };
}
