import { Backoff } from '../lib/time/backoff.ts';
import { HttpClient, HttpError, type HttpResponse } from '../lib/http/client.ts';
import { type Logger, LogOnce } from '../lib/logger.ts';
import { Outage } from '../lib/outage.ts';
import { version } from '../lib/package-root.ts';
import { retryAfter } from '../lib/http/retry-after.ts';
import { sleep } from '../lib/time/sleep.ts';
import { splitBody } from './body.ts';
import type { RemoteWriteConfig } from './config.ts';
import * as metrics from './metrics.ts';

/** What became of the samples of a body: how many the receiver has, how many it refused for good. */
export interface Outcome {
  readonly accepted: number;
  readonly rejected: number;
}

/** What a receiver said to a body. */
type Answer = 'accepted' | 'stopped' | { readonly refused: HttpResponse };

/** `stop`: no new request. `cut`: nor the end of one under way. */
export interface StopSignals {
  readonly stop: AbortSignal;
  readonly cut: AbortSignal;
}

/** Requests that may be spent on finding the series that spoil a body. One among 2000 takes 22. */
const SEARCH_REQUESTS = 44;
/** The longest wait that a receiver may ask for. */
const LONGEST_WAIT = 60_000;
/** A refusal is logged again when there was none for so long. */
const REFUSAL_FORGOTTEN = 10 * 60_000;

/** Posts bodies to one endpoint and repeats those that may yet be accepted. Source: Prometheus remote write 1.0 specification. */
export class Sender {
  readonly #config: RemoteWriteConfig;
  readonly #destination: string;
  readonly #client: HttpClient;
  readonly #logger: Logger;
  readonly #once = new LogOnce();
  readonly #outage = new Outage();
  #refusedAt = 0;
  /** The receiver refused a body series by series: whatever it dislikes is not in single series. */
  #refusesAll = false;

  constructor(config: RemoteWriteConfig, destination: string, logger: Logger) {
    this.#config = config;
    this.#destination = destination;
    this.#client = new HttpClient(config);
    this.#logger = logger;
  }

  /**
   * Does not give up on a destination that is away, overloaded or not open to us until `stop` aborts ('stopped').
   * A body that is refused for good is sent again in halves, so that a bad series costs itself and no other.
   */
  async send(body: Buffer, samples: number, signals: StopSignals): Promise<Outcome | 'stopped'> {
    const answer = await this.#deliver(body, signals);
    if (answer === 'stopped') return 'stopped';
    if (answer === 'accepted') {
      this.#refusesAll = false;
      return { accepted: samples, rejected: 0 };
    }
    // Receivers of ours, and those of version 2.0, say how many they took of a body that they refuse in part.
    const written = Number(answer.refused.headers['x-prometheus-remote-write-samples-written'] ?? 0);
    if (written > 0) return { accepted: Math.min(written, samples), rejected: Math.max(0, samples - written) };
    if (this.#refusesAll) return { accepted: 0, rejected: samples };
    const outcome = await this.#sendInHalves(body, samples, { requests: SEARCH_REQUESTS }, signals);
    if (outcome !== 'stopped') this.#refusesAll = samples > 1 && outcome.accepted === 0;
    return outcome;
  }

  close(): void {
    this.#client.close();
  }

  async #sendInHalves(
    body: Buffer,
    samples: number,
    left: { requests: number },
    signals: StopSignals,
  ): Promise<Outcome | 'stopped'> {
    const halves = samples > 1 && left.requests >= 2 ? await splitBody(body) : undefined;
    if (halves === undefined) return { accepted: 0, rejected: samples };
    left.requests -= 2;
    let accepted = 0;
    for (const half of halves) {
      const answer = await this.#deliver(half.payload, signals);
      if (answer === 'stopped') return 'stopped';
      if (answer === 'accepted') accepted += half.samples;
      else {
        const outcome = await this.#sendInHalves(half.payload, half.samples, left, signals);
        if (outcome === 'stopped') return 'stopped';
        accepted += outcome.accepted;
      }
    }
    return { accepted, rejected: samples - accepted };
  }

  /** Repeats until the receiver accepts the body or refuses it for good. */
  async #deliver(body: Buffer, signals: StopSignals): Promise<Answer> {
    const { min_backoff: min, max_backoff: max } = this.#config.queue_config;
    const backoff = new Backoff({ min, max });
    for (;;) {
      const answer = await this.#try(body, signals);
      if (typeof answer !== 'number') return answer;
      if (signals.stop.aborted) return 'stopped';
      metrics.retries.inc({ destination: this.#destination });
      if (!(await sleep(Math.max(backoff.next(), answer), signals.stop))) return 'stopped';
    }
  }

  /** The answer, or milliseconds to wait at least before the next try. */
  async #try(body: Buffer, signals: StopSignals): Promise<Answer | number> {
    let response: HttpResponse;
    try {
      response = await this.#post(body, signals);
    } catch (error) {
      if (!signals.cut.aborted) {
        const { message } = error as Error;
        const kind = error instanceof HttpError && error.reason === 'redirect' ? 'redirect' : 'unreachable';
        this.#logHeld(kind, 'cannot deliver to the remote-write destination; samples wait on disk', message);
      }
      return 0;
    }
    const { status } = response;
    if (status >= 200 && status < 300) {
      if (this.#outage.end())
        this.#logger.info({ destination: this.#destination }, 'the remote-write destination accepts samples again');
      return 'accepted';
    }
    const text = `${status} ${response.body.subarray(0, 300).toString().trim()}`;
    if (isFinal(status, this.#config.queue_config.retry_on_http_429)) {
      this.#logRefused(status, text);
      return { refused: response };
    }
    this.#logHeld(String(status), 'the remote-write destination takes nothing; samples wait on disk', text);
    return Math.min(LONGEST_WAIT, retryAfter(response.headers) ?? 0);
  }

  #post(body: Buffer, signals: StopSignals): Promise<HttpResponse> {
    return this.#client.request({
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
      signal: signals.cut,
    });
  }

  #logHeld(kind: string, message: string, error: string): void {
    if (this.#outage.isNew(kind)) this.#logger.warn({ destination: this.#destination, error }, message);
  }

  /** Servers put sample values into their texts: the first of a status is worth a line. */
  #logRefused(status: number, error: string): void {
    const now = Date.now();
    if (now - this.#refusedAt > REFUSAL_FORGOTTEN) this.#once.clear('refused');
    this.#refusedAt = now;
    if (this.#once.fresh('refused', String(status)))
      this.#logger.warn(
        { destination: this.#destination, error },
        'the remote-write destination refused samples; those that it will not take are dropped and counted',
      );
  }
}

/** Statuses that tell of who we are and where we send, not of the samples: they are right again when somebody mends that. */
const HELD = new Set([401, 403, 404, 405, 407, 408, 421, 425]);

/** Whether the same body will be refused again, however often it is sent. */
function isFinal(status: number, retryTooMany: boolean): boolean {
  if (status < 400 || status >= 500 || HELD.has(status)) return false;
  return status !== 429 || !retryTooMany;
}
