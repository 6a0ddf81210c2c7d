import { Backoff } from '../lib/backoff.ts';
import { HttpClient, type HttpResponse } from '../lib/http-client.ts';
import { type Logger, LogOnce } from '../lib/logger.ts';
import { version } from '../lib/package-root.ts';
import { sleep } from '../lib/sleep.ts';
import type { RemoteWriteConfig } from './config.ts';
import * as metrics from './metrics.ts';

/** What became of a body: accepted, refused for good, or not known because the sender is stopping. */
export type SendResult = 'accepted' | 'rejected' | 'stopped';

/** Posts bodies to one endpoint and repeats those that may yet be accepted. Source: Prometheus remote write 1.0 specification. */
export class Sender {
  readonly #config: RemoteWriteConfig;
  readonly #destination: string;
  readonly #client: HttpClient;
  readonly #logger: Logger;
  readonly #once = new LogOnce();

  constructor(config: RemoteWriteConfig, destination: string, logger: Logger) {
    this.#config = config;
    this.#destination = destination;
    this.#client = new HttpClient(config);
    this.#logger = logger;
  }

  /** Does not give up on a destination that is away or overloaded until the signal aborts. */
  async send(body: Buffer, signal: AbortSignal): Promise<SendResult> {
    const { min_backoff: min, max_backoff: max } = this.#config.queue_config;
    const backoff = new Backoff({ min, max });
    for (;;) {
      const outcome = await this.#try(body, signal);
      if (outcome === 'accepted' || outcome === 'rejected') return outcome;
      if (signal.aborted) return 'stopped';
      metrics.retries.inc({ destination: this.#destination });
      if (!(await sleep(Math.max(backoff.next(), outcome.retryAfter), signal))) return 'stopped';
    }
  }

  close(): void {
    this.#client.close();
  }

  async #try(body: Buffer, signal: AbortSignal): Promise<'accepted' | 'rejected' | { retryAfter: number }> {
    let response: HttpResponse;
    try {
      response = await this.#client.request({
        url: this.#config.url,
        method: 'POST',
        headers: {
          ...this.#config.headers,
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'content-length': String(body.length),
          'user-agent': `crowsnest/${version}`,
          'x-prometheus-remote-write-version': '0.1.0',
        },
        body,
        timeout: this.#config.remote_timeout,
        maxBytes: 1 << 20,
        signal,
      });
    } catch (error) {
      if (!signal.aborted)
        this.#trouble('cannot reach the remote-write destination; samples wait on disk', (error as Error).message);
      return { retryAfter: 0 };
    }
    if (response.status >= 200 && response.status < 300) {
      if (this.#once.clear('trouble'))
        this.#logger.info({ destination: this.#destination }, 'the remote-write destination accepts samples again');
      return 'accepted';
    }
    const words = `${response.status} ${response.body.subarray(0, 300).toString().trim()}`;
    const retry = response.status >= 500 || (response.status === 429 && this.#config.queue_config.retry_on_http_429);
    this.#trouble(
      retry
        ? 'the remote-write destination is in trouble; samples wait on disk'
        : 'the remote-write destination refused samples; they are dropped',
      words,
    );
    return retry ? { retryAfter: retryAfter(response) } : 'rejected';
  }

  #trouble(message: string, error: string): void {
    // Servers put sample values into their words: only the first of a kind is worth a line.
    if (this.#once.fresh('trouble', message)) this.#logger.warn({ destination: this.#destination, error }, message);
  }
}

/** Milliseconds that `Retry-After` asks for, at most a minute. */
function retryAfter({ headers }: HttpResponse): number {
  const value = headers['retry-after'];
  if (value === undefined) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.min(60_000, Math.max(0, ms)) : 0;
}
