import type { IncomingMessage } from 'node:http';
import { type Clock, systemClock } from '../lib/time/clock.ts';
import { HttpClient, type HttpResponse } from '../lib/http/client.ts';
import { retryAfter } from '../lib/http/retry-after.ts';
import type { KubeRequest, KubeResponse } from '../model/kubernetes.ts';
import type { KubeAccess } from './access.ts';

const TIMEOUT_MS = 30_000;
/** Longest answer that is parsed in one piece, bytes: the process does nothing else meanwhile, some 100 ms. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Of an error's body, so much is read. */
const ERROR_BYTES = 64 * 1024;
const MESSAGE_LENGTH = 400;

/** An answer of the API server other than success. */
export class ApiError extends Error {
  /** HTTP status, or the `code` of a Status. */
  readonly status: number;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, wait?: number) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.retryAfter = wait;
  }
}

/** Times in milliseconds. */
interface StreamOptions {
  readonly timeout: number;
  readonly headTimeout: number;
  readonly signal: AbortSignal;
}

/** Requests to one API server over connections of its own. */
export class ApiClient {
  readonly #access: KubeAccess;
  readonly #http: HttpClient;
  readonly #clock: Clock;

  constructor(access: KubeAccess, clock: Clock = systemClock) {
    this.#access = access;
    this.#http = new HttpClient(access.http, access.certificates);
    this.#clock = clock;
  }

  /** See `KubeRequest`. */
  readonly request: KubeRequest = async (path, options = {}): Promise<KubeResponse> => {
    const { method = 'GET', body, contentType = 'application/json', timeout = TIMEOUT_MS, signal } = options;
    const response = await this.#http.request({
      url: this.#access.url + path,
      method,
      headers: { ...(await this.#headers(signal)), ...(body !== undefined && { 'content-type': contentType }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      timeout,
      signal,
      repeatable: method === 'GET',
    });
    return { status: response.status, body: parse(response.body) };
  };

  /** The JSON of a successful answer of 16 MiB at most. @throws {ApiError} or {HttpError} */
  async get(path: string, signal?: AbortSignal): Promise<unknown> {
    const response = await this.#http.request({
      url: this.#access.url + path,
      headers: await this.#headers(signal),
      timeout: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      signal,
    });
    if (response.status !== 200) throw errorOf(path, response, response.body);
    return parse(response.body);
  }

  /**
   * A successful answer that is read as it comes, for at most `timeout` milliseconds.
   * @throws {ApiError} or {HttpError}, also where the head of the answer does not come within `headTimeout`
   */
  async stream(path: string, { timeout, headTimeout, signal }: StreamOptions): Promise<IncomingMessage> {
    const headers = await this.#headers(signal);
    const head = new AbortController();
    const abort = () => head.abort();
    let isLate = false;
    const cancel = this.#clock.after(headTimeout, () => {
      isLate = true;
      abort();
    });
    signal.addEventListener('abort', abort, { once: true });
    try {
      const response = await this.#http.request({
        url: this.#access.url + path,
        headers,
        timeout,
        signal: head.signal,
        asStream: true,
      });
      const { stream } = response;
      if (stream === undefined) throw new Error('BUG: no stream');
      // An error of the stream after its reader has gone is no error of the process.
      stream.on('error', () => {});
      if (response.status === 200) {
        stream.once('close', () => signal.removeEventListener('abort', abort));
        return stream;
      }
      throw errorOf(path, response, await readSome(stream));
    } catch (error) {
      signal.removeEventListener('abort', abort);
      if (isLate) throw new Error(`${path}: no answer within ${headTimeout} ms`, { cause: error });
      throw error;
    } finally {
      cancel();
    }
  }

  /** Ends idle connections. */
  close(): void {
    this.#http.close();
  }

  async #headers(signal: AbortSignal | undefined): Promise<Record<string, string>> {
    const authorization = await this.#access.authorization?.(signal);
    return {
      accept: 'application/json',
      'user-agent': 'crowsnest',
      ...(authorization !== undefined && { authorization }),
    };
  }
}

function parse(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function readSome(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > ERROR_BYTES) break;
  }
  return Buffer.concat(chunks);
}

function errorOf(path: string, { status, headers }: HttpResponse, body: Buffer): ApiError {
  const [place] = path.split('?');
  return new ApiError(status, `${place}: ${status}: ${messageOf(parse(body))}`, retryAfter(headers));
}

/** What a Status says, or the beginning of what a proxy in between says. */
export function messageOf(body: unknown): string {
  const message = (body as { readonly message?: unknown } | null)?.message ?? body;
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, MESSAGE_LENGTH);
}
