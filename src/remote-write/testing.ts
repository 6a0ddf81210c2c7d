import { type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeWriteRequest } from '../ingest/remote-write/decode.ts';

/** What a strict receiver has of a series: values by time, in the order in which they came. */
export type ReceivedSeries = Map<number, number>;

/**
 * A receiver that keeps to Prometheus' rule: a sample that is older than the newest of its series is refused with 400, and so is
 * another value for the same time. The other samples of the request are stored. Test code only.
 */
export class StrictReceiver {
  readonly series = new Map<string, ReceivedSeries>();
  /** Samples that were out of order. */
  outOfOrder = 0;
  requests = 0;
  /** Requests under way at once, at most. */
  concurrent = 0;
  /** Answers every request with this status, and stores nothing. */
  status: number | undefined;
  /** Labels (as text) of series that are never stored. */
  refuse: (labels: string) => boolean = () => false;
  #underWay = 0;
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/api/v1/write`;
  }

  /** Listens, on the port it had where there was one. */
  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      this.concurrent = Math.max(this.concurrent, ++this.#underWay);
      response.on('close', () => this.#underWay--);
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => void this.#store(Buffer.concat(chunks), response));
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  }

  get samples(): number {
    let sum = 0;
    for (const times of this.series.values()) sum += times.size;
    return sum;
  }

  async #store(body: Buffer, response: ServerResponse): Promise<void> {
    this.requests++;
    if (this.status !== undefined) return void response.writeHead(this.status).end('not now');
    const { batches } = await decodeWriteRequest(body, 'application/x-protobuf', 'snappy');
    // As long as a receiver takes: a body that overtakes another does so here.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
    let refused = 0;
    for (const { layout, values, timestamps } of batches) {
      layout.series.forEach(({ labels }, i) => {
        if (!this.#append(labels.toString(), timestamps[i], values[i])) refused++;
      });
    }
    response.writeHead(refused > 0 ? 400 : 204).end(refused > 0 ? 'out of order sample' : undefined);
  }

  #append(labels: string, time: number, value: number): boolean {
    if (this.refuse(labels)) return false;
    const times = this.series.get(labels) ?? new Map<number, number>();
    this.series.set(labels, times);
    const newest = [...times.keys()].at(-1) ?? -Infinity;
    if (time === newest) return Object.is(times.get(time), value);
    if (time < newest) {
      this.outOfOrder++;
      return false;
    }
    times.set(time, value);
    return true;
  }
}
